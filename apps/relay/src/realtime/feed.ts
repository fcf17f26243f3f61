import { createEarlyItems } from './early-items.ts';
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
  /**
   * Of items that became durable, here or by another node's word, those to pass on now, with others that waited for them. What
   * comes too early waits: until `start`, or a moment for what is missing, which two nodes that write at once tell in any
   * order; then it is read.
   */
  take(items: readonly T[]): readonly T[];
  /** There is something at `seq`, or so somebody says. */
  hear(seq: number): void;
  close(): void;
}

/** How long items may wait for one that is missing until it is read. */
const GAP_MS = 20;

export interface FeedDeps<T> {
  readonly queue: ReadingQueue;
  /** Items after a position, in order, as many as one answer holds; undefined when the store cannot say now. */
  readonly read: (after: number) => Promise<readonly T[] | undefined>;
  readonly deliver: (items: readonly T[]) => void;
}

export function createFeed<T extends { readonly seq: number }>(deps: FeedDeps<T>): Feed<T> {
  const { queue, read, deliver } = deps;
  const early = createEarlyItems<T>();
  let patience: NodeJS.Timeout | undefined;
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
    if (closed || heard <= position) {
      isQueued = false;
      return 'done';
    }
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
    // What came next meanwhile was passed on without reading. What the store no longer has leaves a gap.
    const next = withEarly(items.filter(({ seq }) => seq > position));
    if (next.length > 0) deliver(next);
  };
  /** Those of them that come next; the others wait. */
  const pickNext = (items: readonly T[]): readonly T[] => {
    let last = position;
    return items.filter((item) => {
      if (item.seq === last + 1) {
        last = item.seq;
        return true;
      }
      if (item.seq > last) early.keep(item);
      return false;
    });
  };
  /** With those that waited for them. */
  const withEarly = (items: readonly T[]): readonly T[] => {
    position = items.at(-1)?.seq ?? position;
    const next = [...items, ...early.takeBehind(position)];
    position = next.at(-1)?.seq ?? position;
    return next;
  };
  const passOnEarly = (): void => {
    if (closed) return;
    passOn([]);
    readWhenBehind();
  };
  const readWhenPatienceEnds = (): void => {
    patience ??= setTimeout(() => {
      patience = undefined;
      readWhenBehind();
    }, GAP_MS);
  };

  return {
    get position() {
      return started ? position : undefined;
    },
    start(from) {
      heard = Math.max(heard, position);
      position = started ? Math.min(position, from) : from;
      started = true;
      // What waits goes behind the answer that says where its reader stands.
      if (early.isEmpty()) readWhenBehind();
      else setImmediate(passOnEarly);
    },
    take(items) {
      hints += 1;
      heard = Math.max(heard, items.at(-1)?.seq ?? 0);
      if (!started) for (const item of items) early.keep(item);
      const next = started ? withEarly(pickNext(items)) : [];
      if (early.isEmpty()) readWhenBehind();
      else readWhenPatienceEnds();
      return next;
    },
    hear(seq) {
      hints += 1;
      heard = Math.max(heard, seq);
      readWhenBehind();
    },
    close() {
      closed = true;
      clearTimeout(patience);
    },
  };
}
