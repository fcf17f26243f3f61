/** Items that came before the ones that they follow. A bounded number: what is not kept is read. */
export interface EarlyItems<T> {
  keep(item: T): void;
  /** Those that come next behind `position`, in order without a gap; what is not behind it is forgotten. */
  takeBehind(position: number): readonly T[];
  readonly isEmpty: () => boolean;
}

const KEPT = 256;

export function createEarlyItems<T extends { readonly seq: number }>(): EarlyItems<T> {
  const items = new Map<number, T>();
  return {
    keep(item) {
      if (items.size < KEPT) items.set(item.seq, item);
    },
    takeBehind(position) {
      const next: T[] = [];
      let seq = position + 1;
      for (let item = items.get(seq); item !== undefined; item = items.get(seq)) {
        next.push(item);
        seq += 1;
      }
      for (const old of items.keys()) if (old < seq) items.delete(old);
      return next;
    },
    isEmpty: () => items.size === 0,
  };
}
