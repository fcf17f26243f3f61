import type { Clock } from '../chat/clock.ts';

/** The platform's time and timers. */
export function createSystemClock(): Clock {
  return {
    now: Date.now,
    after(ms, callback) {
      const timer = setTimeout(callback, ms);
      return () => clearTimeout(timer);
    },
  };
}
