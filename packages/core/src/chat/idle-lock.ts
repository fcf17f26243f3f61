import type { Clock } from './clock.ts';

const MINUTE_MS = 60_000;

/** Locks after a time without use. */
export interface IdleLock {
  /** From now on, after so many minutes; undefined: never. */
  arm(minutes: number | undefined): void;
  minutes(): number | undefined;
  /** Somebody uses the app: the time begins again, unless it is over already. */
  noteActivity(): void;
}

/**
 * @param lock called once when the time is over. A computer that slept wakes with it over: then the first sign of use locks,
 * whatever the timers do.
 */
export function createIdleLock(clock: Clock, lock: () => void): IdleLock {
  let minutes: number | undefined;
  let limit = 0;
  let last = 0;
  let cancel: (() => void) | undefined;

  function look(): void {
    cancel?.();
    if (minutes === undefined) return;
    const now = clock.now();
    // A clock that was put back: the time begins again.
    last = Math.min(last, now);
    const left = last + limit - now;
    if (left > 0) cancel = clock.after(left, look);
    else over();
  }

  function over(): void {
    cancel?.();
    minutes = undefined;
    lock();
  }

  return {
    arm(next) {
      minutes = next;
      limit = (next ?? 0) * MINUTE_MS;
      last = clock.now();
      look();
    },
    minutes: () => minutes,
    noteActivity() {
      if (minutes === undefined) return;
      const now = clock.now();
      if (now - last >= limit) over();
      else last = now;
    },
  };
}
