import { type AccountId, encodeHex, LIMITS, type Refusal } from '@sotto/protocol';
import type { RateLimiter } from '../auth/rate-limiter.ts';

/** What one account may do in a day, at all nodes together. Each counts, and answers the refusal when it was one too many. Rejects with `StoreError`. */
export interface DailyQuotas {
  takeLog(account: AccountId): Promise<Refusal | undefined>;
  /** An item that one account leaves in an inbox of another. */
  takeDelivery(from: AccountId, to: AccountId): Promise<Refusal | undefined>;
}

const DAY = 24 * 3600;

/** `limiter`: over counters that do not show what they are of, since these say who has to do with whom; they are kept a day. */
export function createDailyQuotas(limiter: Pick<RateLimiter, 'take'>): DailyQuotas {
  const take = async (key: string, limit: number): Promise<Refusal | undefined> => {
    const wait = await limiter.take(key, limit, DAY);
    return wait === undefined ? undefined : { ok: false, code: 'quota_exceeded' };
  };
  return {
    takeLog: (account) => take(`logs ${encodeHex(account)}`, LIMITS.logsPerDay),
    takeDelivery: (from, to) => take(`deliver ${encodeHex(from)} ${encodeHex(to)}`, LIMITS.deliveriesPerDay),
  };
}
