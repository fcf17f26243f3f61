import type { ReadingQueue } from './reading-queue.ts';

/**
 * What a node passes on of one log or inbox that other nodes write to as well: each item once, in order, without a gap,
 * however many hints there were. What became durable here and comes next needs no reading.
 */
export interface Feed<T> {
  /** Somebody wants all that is behind `position`. Who had some of it already may get that again. */
  start(position: number): void;
  /** Up to where all was passed on; undefined before `start`. */
  readonly position: number | undefined;
  /** Of items that became durable here, in order, those to pass on now. The rest is read. */
  take(items: readonly T[]): readonly T[];
  /** There is something at `seq`, or so somebody says. */
  hear(seq: number): void;
  close(): void;
}

export interface FeedDeps<T> {
  readonly queue: ReadingQueue;
  /** Items after a position, in order, as many as one answer holds; undefined when the store cannot say now. */
  readonly read: (after: number) => Promise<readonly T[] | undefined>;
  readonly deliver: (items: readonly T[]) => void;
}

export function createFeed<T extends { readonly seq: number }>(deps: FeedDeps<T>): Feed<T> {
  const { queue, read, deliver } = deps;
  let position: number | undefined;
  let heard = 0;
  let isQueued = false;
  let closed = false;

  const readWhenBehind = (): void => {
    if (isQueued || closed || position === undefined || heard <= position) return;
    isQueued = true;
    queue.add(readOn);
  };
  const readOn = async (): Promise<'done' | 'failed'> => {
    if (closed) return 'done';
    const [after, heardBefore] = [position ?? 0, heard];
    const items = await read(after);
    if (items === undefined) return 'failed';
    isQueued = false;
    if (closed) return 'done';
    passOn(items);
    // Nothing there: whoever said so was wrong. Unless it was said while this was being read.
    if (position === after && heard === heardBefore) heard = after;
    readWhenBehind();
    return 'done';
  };
  const passOn = (items: readonly T[]): void => {
    const from = position ?? 0;
    // What came next meanwhile was passed on without reading.
    const fresh = items.filter(({ seq }) => seq > from);
    position = fresh.at(-1)?.seq ?? position;
    if (fresh.length > 0) deliver(fresh);
  };

  return {
    get position() {
      return position;
    },
    start(from) {
      heard = Math.max(heard, position ?? 0);
      position = Math.min(position ?? from, from);
      readWhenBehind();
    },
    take(items) {
      const last = items.at(-1)?.seq ?? 0;
      heard = Math.max(heard, last);
      if (position === undefined) return items;
      const next: T[] = [];
      for (const item of items) {
        if (item.seq === position + 1) {
          next.push(item);
          position = item.seq;
        }
      }
      readWhenBehind();
      return next;
    },
    hear(seq) {
      heard = Math.max(heard, seq);
      readWhenBehind();
    },
    close() {
      closed = true;
    },
  };
}
