/** How much one connection may ask: a bucket of `burst` requests that fills by `perSecond`. */
export interface RequestRate {
  readonly perSecond: number;
  readonly burst: number;
}

export interface RequestBucket {
  /** Takes `cost` requests; undefined when they are granted, else the seconds after which they will be. */
  take(cost: number, now: number): number | undefined;
}

export function createRequestBucket(rate: RequestRate, start: number): RequestBucket {
  let level = rate.burst;
  let filledAt = start;
  return {
    take(cost, now) {
      // A clock that goes back fills nothing.
      level = Math.min(rate.burst, level + (Math.max(0, now - filledAt) * rate.perSecond) / 1000);
      filledAt = now;
      if (level >= cost) {
        level -= cost;
        return undefined;
      }
      return Math.ceil(((cost - level) / rate.perSecond) * 20) / 20;
    },
  };
}
