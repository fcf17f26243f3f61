import type { Count, CounterStore } from '../counter-store.ts';

const NOTHING: Count = { count: 0, lastAt: 0, forgottenAt: 0 };

/** Counts of one process. Of more than `capacity` the one that grew longest ago goes. */
export function createMemoryCounters(capacity = 100_000): CounterStore {
  // A Map keeps the order of writing: the first is the one that was written longest ago.
  const counts = new Map<string, Count>();
  const readNow = (key: string, now: number): Count => {
    const found = counts.get(key);
    return found !== undefined && found.forgottenAt > now ? found : NOTHING;
  };
  const write = (key: string, count: Count): Count => {
    counts.delete(key);
    counts.set(key, count);
    if (counts.size > capacity) dropOldest(counts);
    return count;
  };
  return {
    read: async (key, now) => readNow(key, now),
    async add(key, seconds, now, window = 'fixed') {
      const before = readNow(key, now);
      const keeps = window === 'fixed' && before.count > 0;
      const forgottenAt = keeps ? before.forgottenAt : now + seconds * 1000;
      return write(key, { count: before.count + 1, lastAt: now, forgottenAt });
    },
    async takeBack(key) {
      const before = counts.get(key);
      if (before !== undefined && before.count > 0) counts.set(key, { ...before, count: before.count - 1 });
    },
    async forget(key) {
      counts.delete(key);
    },
    async sweep(now) {
      for (const [key, count] of counts) if (count.forgottenAt <= now) counts.delete(key);
    },
  };
}

function dropOldest(counts: Map<string, Count>): void {
  for (const key of counts.keys()) {
    counts.delete(key);
    return;
  }
}
