import type { Clock } from '../clock.ts';
import type { CounterStore } from '../store/counter-store.ts';
import { CLOCKS_APART } from './clocks-apart.ts';

/** Limits by key, on counters that outlive the process. Keys may hold what a stranger chose, bounded in length. */
export interface RateLimiter {
  /** Counts one request of `key`. Seconds to wait when it is one too many in its window, else undefined. */
  take(key: string, limit: number, seconds: number): Promise<number | undefined>;
  /** The same without counting. */
  waitOf(key: string, limit: number): Promise<number | undefined>;
}

export function createRateLimiter(counters: CounterStore, clock: Clock): RateLimiter {
  const waitFor = (forgottenAt: number) => Math.max(1, Math.ceil((forgottenAt - clock()) / 1000));
  const waitOf: RateLimiter['waitOf'] = async (key, limit) => {
    const { count, forgottenAt } = await counters.read(key, clock());
    return count < limit ? undefined : waitFor(forgottenAt);
  };
  return {
    waitOf,
    async take(key, limit, seconds) {
      if (limit === 0) return seconds;
      // Refused requests are not counted: who is told to wait and waits is served.
      const wait = await waitOf(key, limit);
      if (wait !== undefined && wait <= seconds + CLOCKS_APART) return wait;
      // A window longer than its length began before the clock went back.
      if (wait !== undefined) await counters.forget(key);
      const { count, forgottenAt } = await counters.add(key, seconds, clock());
      if (count <= limit) return undefined;
      // Others came between looking and counting.
      await counters.takeBack(key);
      return waitFor(forgottenAt);
    },
  };
}
