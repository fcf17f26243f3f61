import { type AccountId, encodeHex } from '@sotto/protocol';
import type { CounterStore } from '../store/counter-store.ts';
import type { RateLimiter } from './rate-limiter.ts';

/**
 * Wrong codes of an app that one account takes, from everywhere together. Three codes of a million are right at any time, so whoever
 * has the password and networks without number would find one. Only who proved the password gets here: no stranger can use it
 * up. Who can keeps the owner from this factor alone; what cannot be guessed (passkeys, recovery codes, the recovery key) goes on.
 */
export interface TotpLimit {
  /** Counts one ahead of its result, or answers the seconds to wait. */
  take(account: AccountId): Promise<number | undefined>;
  /** It was right. */
  takeBack(account: AccountId): Promise<void>;
}

const HOUR = 3600;
const DAY = 24 * HOUR;
const PER_HOUR = 20;
/** One day's guesses find a code in 1 of 5000 accounts. */
const PER_DAY = 60;

export function createTotpLimit(limiter: RateLimiter, counters: CounterStore): TotpLimit {
  const keysOf = (account: AccountId) => {
    const hex = encodeHex(account);
    return { hour: `totp hour ${hex}`, day: `totp day ${hex}` };
  };
  return {
    async take(account) {
      const { hour, day } = keysOf(account);
      const wait = await limiter.take(hour, PER_HOUR, HOUR);
      if (wait !== undefined) return wait;
      const long = await limiter.take(day, PER_DAY, DAY);
      if (long !== undefined) await counters.takeBack(hour);
      return long;
    },
    async takeBack(account) {
      const { hour, day } = keysOf(account);
      await Promise.all([counters.takeBack(hour), counters.takeBack(day)]);
    },
  };
}
