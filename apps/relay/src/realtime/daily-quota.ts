import type { Clock } from '../clock.ts';
import { dayOf } from '../store/log-rules.ts';

/** Counts what each key did today; a new day starts from nothing. */
export interface DailyQuota {
  /** Counts one; false when the key has used up its quota. */
  take(key: string): boolean;
}

export function createDailyQuota(limit: number, clock: Clock): DailyQuota {
  let day = dayOf(clock());
  let counts = new Map<string, number>();
  return {
    take(key) {
      const today = dayOf(clock());
      if (today !== day) {
        day = today;
        counts = new Map();
      }
      const count = counts.get(key) ?? 0;
      if (count >= limit) return false;
      counts.set(key, count + 1);
      return true;
    },
  };
}
