/** Hears that a person is there, and passes it on at most once in each half minute. */
export interface Activity {
  note(): void;
}

/** Milliseconds; the shortest lock is a minute. */
export const ACTIVITY_PAUSE = 30_000;

/** `pass` is called at the first sign of use, then again after `ACTIVITY_PAUSE`; signs in between are dropped. */
export function createActivity(deps: { readonly now: () => number; readonly pass: () => void }): Activity {
  let last = Number.NEGATIVE_INFINITY;
  return {
    note() {
      const time = deps.now();
      // A clock that was put back must not silence it for as long.
      if (time >= last && time - last < ACTIVITY_PAUSE) return;
      last = time;
      deps.pass();
    },
  };
}
