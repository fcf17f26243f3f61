import type { Clock } from '../clock.ts';
import { createCounters } from './counters.ts';

export interface RateLimiter {
  /** Counts one request of `key`. Seconds to wait when it is one too many in its window, else undefined. */
  take(key: string, limit: number, seconds: number): number | undefined;
}

export function createRateLimiter(clock: Clock): RateLimiter {
  const counters = createCounters(clock);
  return {
    take(key, limit, seconds) {
      const before = counters.read(key);
      // Refused requests are not counted: who is told to wait and waits is served.
      if (before.count >= limit) {
        const end = before.count === 0 ? clock() + seconds * 1000 : before.forgottenAt;
        return Math.max(1, Math.ceil((end - clock()) / 1000));
      }
      counters.add(key, seconds);
      return undefined;
    },
  };
}
