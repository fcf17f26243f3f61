import type { ConversationView, MessageView, Verbs } from '@sotto/core/page';

const PAGE = 64;
/** Pages kept around the last one shown: 64 × 48 lines, a few hundred kB at most. */
const KEPT_PAGES = 48;

/** The lines of one thread that the page holds, read by index windows and forgotten when far away. */
export interface LineCache {
  /** The line at a place, or undefined while it is being read. */
  line(index: number): MessageView | undefined;
  /** Makes sure that `from` … `to` (exclusive) are here or on their way. */
  want(from: number, to: number): void;
  /** Follows the conversation: new lines, lines that changed, queued ones that found their place. */
  follow(conversation: ConversationView): void;
  /** Grows with every change of what `line` answers. */
  version(): number;
  subscribe(listener: () => void): () => void;
}

interface CachedPage {
  readonly lines: readonly MessageView[];
  readonly revision: number;
  /** `total` when it was asked for: a page that was the last one then may be longer now. */
  readonly total: number;
}

export function createLineCache(
  readMessages: Verbs['readMessages'],
  conversation: ConversationView,
): LineCache {
  const { key } = conversation;
  const pages = new Map<number, CachedPage>();
  const reading = new Set<number>();
  /** Lines known from the snapshot before they are read: the last one, and queued ones that just found their place. */
  const early = new Map<number, MessageView>();
  const listeners = new Set<() => void>();
  let current = conversation;
  let version = 0;

  const changed = () => {
    version += 1;
    for (const listener of listeners) listener();
  };
  const isFresh = (page: CachedPage, number: number) =>
    page.revision === current.revision && page.total >= Math.min(current.total, (number + 1) * PAGE);

  const forgetFar = (near: number) => {
    if (pages.size <= KEPT_PAGES) return;
    const far = [...pages.keys()].sort((a, b) => Math.abs(b - near) - Math.abs(a - near));
    for (const number of far.slice(0, pages.size - KEPT_PAGES)) pages.delete(number);
  };

  const read = async (number: number) => {
    if (reading.has(number)) return;
    reading.add(number);
    const { revision, total } = current;
    const from = number * PAGE;
    try {
      const lines = await readMessages({ conversation: key, from, count: PAGE });
      pages.set(number, { lines, revision, total });
      for (const index of lines.keys()) early.delete(from + index);
      forgetFar(number);
      changed();
    } catch {
      // The session ended or the worker is taken over: the lines are asked for again when they are next shown.
    } finally {
      reading.delete(number);
    }
    const page = pages.get(number);
    if (page !== undefined && page.revision === revision && !isFresh(page, number)) void read(number);
  };

  const keepEarly = (before: ConversationView, after: ConversationView) => {
    for (const [place, line] of before.queued.entries()) {
      const index = before.total + place;
      if (index < after.total) early.set(index, { ...line, index, state: 'sent' });
    }
    if (after.last?.index !== undefined) early.set(after.last.index, after.last);
  };
  if (conversation.last?.index !== undefined) early.set(conversation.last.index, conversation.last);

  return {
    line(index) {
      return pages.get(Math.floor(index / PAGE))?.lines[index % PAGE] ?? early.get(index);
    },
    want(from, to) {
      const last = Math.floor((Math.min(to, current.total) - 1) / PAGE);
      for (let number = Math.max(0, Math.floor(from / PAGE)); number <= last; number += 1) {
        const page = pages.get(number);
        if (page === undefined || !isFresh(page, number)) void read(number);
      }
    },
    follow(next) {
      if (next === current) return;
      keepEarly(current, next);
      current = next;
      changed();
    },
    version: () => version,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
