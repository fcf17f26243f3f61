import type { Clock } from '../clock.ts';

export interface Count {
  readonly count: number;
  /** When it last grew, and when it is forgotten: milliseconds since 1970. */
  readonly lastAt: number;
  readonly forgottenAt: number;
}

/** Counts by key, each forgotten after its window. Keys hold what strangers choose, so their number is bounded. */
export interface Counters {
  read(key: string): Count;
  /** Adds one. A fixed window ends `seconds` after its first addition, a sliding one after its last. */
  add(key: string, seconds: number, window?: 'fixed' | 'sliding'): Count;
  /** Takes one back, never below nothing. */
  takeBack(key: string): void;
  forget(key: string): void;
}

export function createCounters(clock: Clock, capacity = 100_000): Counters {
  const counts = new Map<string, Count>();
  const read = (key: string): Count => {
    const found = counts.get(key);
    if (found !== undefined && found.forgottenAt > clock()) return found;
    counts.delete(key);
    return { count: 0, lastAt: 0, forgottenAt: 0 };
  };
  const write = (key: string, count: Count): Count => {
    counts.delete(key);
    counts.set(key, count);
    if (counts.size > capacity) dropOldest(counts);
    return count;
  };
  return {
    read,
    add(key, seconds, window = 'fixed') {
      const before = read(key);
      const now = clock();
      const keeps = window === 'fixed' && before.count > 0;
      const forgottenAt = keeps ? before.forgottenAt : now + seconds * 1000;
      return write(key, { count: before.count + 1, lastAt: now, forgottenAt });
    },
    takeBack(key) {
      const before = read(key);
      if (before.count > 0) write(key, { ...before, count: before.count - 1 });
    },
    forget: (key) => void counts.delete(key),
  };
}

/** The one that grew longest ago: Map keeps the order of writing. */
function dropOldest(counts: Map<string, Count>): void {
  for (const key of counts.keys()) {
    counts.delete(key);
    return;
  }
}
