import { type Entry, entrySize, type LogId } from '@sotto/protocol';
import type { Hint, LogHint } from '../../realtime/hints.ts';
import { splitRuns } from '../../realtime/runs.ts';

/**
 * Hints that no message took along yet. Of a log or an inbox the newest position is enough, and entries go along as long as
 * they are few. What is too much to keep while others cannot be reached is let go, and they are told that they missed something.
 */
export interface HintOutbox {
  add(hint: Hint): void;
  /** At most `most` of them and 1 MiB of entries, to be sent; undefined when there is nothing to say. */
  take(most: number): Outgoing | undefined;
  /** They could not be sent: who hears of them later reads what they are about. */
  putBack(outgoing: Outgoing): void;
}

interface Outgoing {
  readonly hints: readonly Hint[];
  readonly missed: boolean;
}

type InboxHint = Extract<Hint, { kind: 'inbox' }>;

interface LogNews {
  readonly log: LogId;
  seq: number;
  readonly entries: Entry[];
}

const KEPT = 20_000;
/** Notices are worth something for a while only, and each is kept whole. */
const KEPT_NOTICES = 500;
/** Of entries: as much as is sent in one message. */
const KEPT_BYTES = 1024 * 1024;

export function createHintOutbox(): HintOutbox {
  const logs = new Map<string, LogNews>();
  const inboxes = new Map<string, InboxHint>();
  const notices: Hint[] = [];
  let bytes = 0;
  let missed = false;

  const addLog = ({ log, seq, entries }: LogHint): void => {
    const key = keyOf(log);
    const known = logs.get(key);
    if (known === undefined && logs.size + inboxes.size >= KEPT) {
      missed = true;
      return;
    }
    const news = known ?? { log, seq, entries: [] };
    news.seq = Math.max(news.seq, seq);
    const size = sizeOf(entries);
    if (bytes + size <= KEPT_BYTES) {
      bytes += size;
      news.entries.push(...entries);
    }
    logs.set(key, news);
  };
  const addInbox = (hint: InboxHint): void => {
    const key = keyOf(hint.account, hint.device);
    const known = inboxes.get(key);
    if (known !== undefined && known.seq >= hint.seq) return;
    if (known === undefined && logs.size + inboxes.size >= KEPT) missed = true;
    else inboxes.set(key, hint);
  };
  const add = (hint: Hint): void => {
    if (hint.kind === 'log') addLog(hint);
    else if (hint.kind === 'inbox') addInbox(hint);
    else notices.push(hint);
    if (notices.length > KEPT_NOTICES) notices.shift();
  };
  const takeLogs = (most: number): LogHint[] => {
    const hints: LogHint[] = [];
    for (const [key, news] of logs) {
      if (hints.length >= most) break;
      logs.delete(key);
      bytes -= sizeOf(news.entries);
      hints.push(...describe(news));
    }
    return hints;
  };
  const takeInboxes = (most: number): InboxHint[] => {
    const taken = [...inboxes].slice(0, Math.max(0, most));
    for (const [key] of taken) inboxes.delete(key);
    return taken.map(([, hint]) => hint);
  };
  return {
    add,
    take(most) {
      if (logs.size + inboxes.size + notices.length === 0 && !missed) return undefined;
      const hints: Hint[] = notices.splice(0, most);
      hints.push(...takeLogs(most - hints.length));
      hints.push(...takeInboxes(most - hints.length));
      const outgoing = { hints, missed };
      missed = false;
      return outgoing;
    },
    putBack(outgoing) {
      missed ||= outgoing.missed;
      for (const hint of outgoing.hints) add(hint.kind === 'log' ? { ...hint, entries: [] } : hint);
    },
  };
}

function sizeOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, entry) => sum + entrySize(entry), 0);
}

/** Entries without a gap, each part one that a reader accepts, and the newest position where they do not come to it. */
function describe({ log, seq, entries }: LogNews): LogHint[] {
  const runs = splitRuns(entries.sort((a, b) => a.seq - b.seq));
  const hints = runs.map((run): LogHint => ({ kind: 'log', log, seq: run.at(-1)?.seq ?? 0, entries: run }));
  if ((hints.at(-1)?.seq ?? 0) < seq) hints.push({ kind: 'log', log, seq, entries: [] });
  return hints;
}

function keyOf(...parts: readonly Uint8Array[]): string {
  return parts.map((part) => Buffer.from(part).toString('latin1')).join('');
}
