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
  let started = false;
  let position = 0;
  let heard = 0;
  let hints = 0;
  let isQueued = false;
  let closed = false;

  const readWhenBehind = (): void => {
    if (isQueued || closed || !started || heard <= position) return;
    isQueued = true;
    queue.add(readOn);
  };
  const readOn = async (): Promise<'done' | 'failed'> => {
    if (closed) return 'done';
    const [after, hintsBefore] = [position, hints];
    const items = await read(after);
    if (items === undefined) return 'failed';
    isQueued = false;
    if (closed) return 'done';
    // Unless somebody came meanwhile who wants what is before: then it is read from there.
    if (position >= after) passOn(items);
    // Nothing there: whoever said so was wrong. Unless it was said while this was being read.
    if (position === after && hints === hintsBefore) heard = after;
    readWhenBehind();
    return 'done';
  };
  const passOn = (items: readonly T[]): void => {
    // What came next meanwhile was passed on without reading.
    const fresh = items.filter(({ seq }) => seq > position);
    position = fresh.at(-1)?.seq ?? position;
    if (fresh.length > 0) deliver(fresh);
  };

  return {
    get position() {
      return started ? position : undefined;
    },
    start(from) {
      heard = Math.max(heard, position);
      position = started ? Math.min(position, from) : from;
      started = true;
      readWhenBehind();
    },
    take(items) {
      hints += 1;
      heard = Math.max(heard, items.at(-1)?.seq ?? 0);
      if (!started) return items;
      const next: T[] = [];
      for (const item of items) {
        if (item.seq !== position + 1) continue;
        next.push(item);
        position = item.seq;
      }
      readWhenBehind();
      return next;
    },
    hear(seq) {
      hints += 1;
      heard = Math.max(heard, seq);
      readWhenBehind();
    },
    close() {
      closed = true;
    },
  };
}
