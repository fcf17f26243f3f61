import type { Clock } from '../chat/clock.ts';

/** Does something soon after it is asked for, and at most once in `ms`, however often it is asked. */
export interface Pace {
  ask(): void;
  /** At once, if it is asked for. */
  flush(): void;
  stop(): void;
}

export function createPace(clock: Clock, ms: number, act: () => void): Pace {
  let cancel: (() => void) | undefined;
  let last = Number.NEGATIVE_INFINITY;

  function run(): void {
    cancel?.();
    cancel = undefined;
    last = clock.now();
    act();
  }

  return {
    ask() {
      if (cancel !== undefined) return;
      // A clock that is set back must not silence us.
      const wait = Math.min(ms, Math.max(0, last + ms - clock.now()));
      cancel = clock.after(wait, run);
    },
    flush() {
      if (cancel !== undefined) run();
    },
    stop() {
      cancel?.();
      cancel = undefined;
    },
  };
}
