import type { Clock } from './clock.ts';

const MINUTE_MS = 60_000;

/** Locks after a time without use. */
export interface IdleLock {
  /** From now on, after so many minutes; undefined: never. */
  arm(minutes: number | undefined): void;
  /** Somebody uses the app: the time begins again, unless it is over already. */
  noteActivity(): void;
}

/**
 * @param lock called once when the time is over. A computer that slept wakes with it over: then the first sign of use locks,
 * whatever the timers do.
 */
export function createIdleLock(clock: Clock, lock: () => void): IdleLock {
  let limit: number | undefined;
  let last = 0;
  let cancel: (() => void) | undefined;

  function arm(minutes: number | undefined): void {
    cancel?.();
    limit = minutes === undefined ? undefined : minutes * MINUTE_MS;
    last = clock.now();
    look();
  }

  function look(): void {
    cancel?.();
    if (limit === undefined) return;
    const left = last + limit - clock.now();
    if (left > 0) cancel = clock.after(Math.min(left, limit), look);
    else over();
  }

  function over(): void {
    cancel?.();
    limit = undefined;
    lock();
  }

  return {
    arm,
    noteActivity() {
      if (limit === undefined) return;
      const now = clock.now();
      if (now - last >= limit) over();
      else last = now;
    },
  };
}
