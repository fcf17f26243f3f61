import type { VirtualItem } from '@tanstack/react-virtual';

/** Where a thread was left, to come back to the same line. */
interface ThreadPlace {
  readonly offset: number;
  readonly measured: readonly VirtualItem[];
}

/** Places by conversation; a thread left at its end has none, it opens at the end again. */
export type ThreadPlaces = Map<string, ThreadPlace>;
