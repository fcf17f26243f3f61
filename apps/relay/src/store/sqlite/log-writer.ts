import { type EntryKind, entrySize, LIMITS, type LogId } from '@sotto/protocol';
import { dayOf, digestRequest, judgeRetry, opensEpoch, visibleHead } from '../log-rules.ts';
import type {
  AppendCommit,
  Appended,
  AppendMessage,
  AppendRefused,
  EntriesRead,
  InboxDelivery,
  ReadEntries,
  Refused,
  StoredEntry,
} from '../log-store.ts';
import { type Database, isStorageFull } from './database.ts';
import { expireStep } from './expiry.ts';
import { deleteExpired, deleteItems, hasRoom, insertItem, selectItems } from './inbox-table.ts';
import {
  epochOf,
  findEntry,
  insertLog,
  iterateEntries,
  type LogState,
  loadLog,
  openEpoch,
} from './log-table.ts';
import { loadTail, type Tail } from './log-tail.ts';
import { isReading, type Operation, type Outcome } from './operations.ts';

/** The one writer of logs and inboxes of a file. */
export interface LogWriter {
  /**
   * Carries out operations in order, those that write in one transaction: when this returns, what it says is on disk.
   * When the transaction fails none of them took effect, and each says so.
   */
  apply(operations: readonly Operation[]): Outcome[];
  /** Moves some of what waits in the journal, when much waits. To be called between two batches. */
  settle(): void;
  close(): void;
}

export interface LogWriterOptions {
  /** Entries that may wait in the journal and in memory. */
  readonly waiting?: number;
}

/** Logs whose state is kept between requests. */
const KEPT_LOGS = 20_000;
/**
 * Entries moved at one go; the next batch waits for them. When they come faster than that, more of them: as many at least as one
 * batch can bring, or what waits would grow, in memory and for the next start to read.
 */
const SETTLE = { least: 400, most: 5000 };
/** Until entries are moved again, where that failed: a full disk stays full for a while. */
const REST_MS = 5000;

interface Held {
  readonly db: Database;
  tail: Tail;
  readonly states: Map<string, LogState>;
}

export function createLogWriter(db: Database, options: LogWriterOptions = {}): LogWriter {
  const waiting = options.waiting ?? 8000;
  const held: Held = { db, tail: loadTail(db), states: new Map() };
  let restsUntil = 0;

  const write = (operations: readonly Operation[]): Outcome[] => {
    try {
      const outcomes = db.transaction(() => {
        const done = operations.map((operation) => applyWrite(held, operation));
        held.tail.writeRow();
        return done;
      });
      held.tail.keepRow();
      return outcomes;
    } catch (error) {
      const code = isStorageFull(error) ? 'storage_full' : 'unavailable';
      // On a full disk people try again and again: it must not cost more the more waits in the journal.
      if (code === 'storage_full' && operations.every(({ name }) => name !== 'expire')) forget(held);
      else reload(held);
      return operations.map(() => ({ ok: false, code }));
    }
  };

  return {
    apply(operations) {
      const writes = operations.filter((operation) => !isReading(operation));
      const outcomes = writes.length === 0 ? [] : write(writes);
      if (writes.length === operations.length) return outcomes;
      const rest = outcomes.values();
      return operations.map((operation) =>
        isReading(operation) ? applyRead(held, operation) : (rest.next().value as Outcome),
      );
    },
    settle() {
      const over = held.tail.size - waiting;
      if (over <= 0 || performance.now() < restsUntil) return;
      const settled = settleTail(held, Math.min(Math.max(over, SETTLE.least), SETTLE.most));
      if (!settled) restsUntil = performance.now() + REST_MS;
    },
    close: () => db.close(),
  };
}

/** Forgets what memory says of a transaction that failed, and settled nothing. */
function forget(held: Held): void {
  held.states.clear();
  held.tail.dropRow();
}

/** Forgets what memory says and asks the file. */
function reload(held: Held): void {
  held.states.clear();
  held.tail = loadTail(held.db);
}

/** A full disk leaves all where it is, and answers false: the journal is as durable as the tables. */
function settleTail(held: Held, count: number): boolean {
  try {
    held.db.transaction(() => held.tail.settle(count));
    return true;
  } catch {
    reload(held);
    return false;
  }
}

function applyWrite(held: Held, operation: Operation): Outcome {
  switch (operation.name) {
    case 'message':
      return append(held, operation.request, 'message');
    case 'commit':
      return append(held, operation.request, 'commit');
    case 'create': {
      const { log, entryDays, tokenHash } = operation.request;
      const inserted = insertLog(held.db, log, entryDays, tokenHash);
      return inserted ? { ok: true } : { ok: false, code: 'log_exists' };
    }
    case 'leave': {
      const { delivery, today } = operation.request;
      if (!hasRoom(held.db, delivery, 1, today)) return { ok: false, code: 'inbox_full' };
      return { ok: true, seq: insertItem(held.db, delivery) };
    }
    case 'trim':
      deleteItems(held.db, operation.request.address, operation.request.upTo);
      return { ok: true };
    case 'expire': {
      // What expires stands in `entries` first; a log's newest may be as old as its oldest.
      if (operation.request.after === 0) held.tail.settle(held.tail.size);
      return { ok: true, ...expireStep(held.db, operation.request.now, operation.request.after) };
    }
    case 'expireItems':
      return { ok: true, expired: deleteExpired(held.db, operation.request.today) };
    case 'probe':
      held.db.run('INSERT OR REPLACE INTO probe (id, at) VALUES (1, ?)', operation.request.at);
      return { ok: true };
    default:
      throw new TypeError('not a writing operation');
  }
}

function applyRead(held: Held, operation: Operation): Outcome {
  try {
    if (operation.name === 'read') return read(held, operation.request);
    if (operation.name === 'look') {
      const { address, after, today } = operation.request;
      return { ok: true, items: selectItems(held.db, address, after, today) };
    }
  } catch {
    return { ok: false, code: 'unavailable' };
  }
  throw new TypeError('not a reading operation');
}

function stateOf(held: Held, log: LogId): LogState | undefined {
  const name = Buffer.from(log.buffer, log.byteOffset, log.length).toString('latin1');
  const known = held.states.get(name);
  if (known !== undefined) return known;
  const state = loadLog(held.db, held.tail, log);
  if (state === undefined) return undefined;
  const [oldest] = held.states.keys();
  if (held.states.size >= KEPT_LOGS && oldest !== undefined) held.states.delete(oldest);
  held.states.set(name, state);
  return state;
}

function append(
  held: Held,
  request: AppendMessage | AppendCommit,
  kind: EntryKind,
): Appended | AppendRefused | Refused<'inbox_full'> {
  const state = stateOf(held, request.log);
  if (state === undefined) return { ok: false, code: 'log_unknown' };
  const epoch = epochOf(held.db, state, request.epoch);
  if (!opensEpoch(epoch, request.shownHash)) return { ok: false, code: 'token_refused' };
  const known = held.tail.find(state.key, request.id) ?? findEntry(held.db, state.key, request.id);
  if (known !== undefined) return judgeRetry(known, request);
  if (request.epoch !== state.epoch) {
    return { ok: false, code: 'epoch_moved', head: visibleHead(state, request.epoch, epoch) };
  }
  if (!('nextTokenHash' in request)) return place(held, state, request, kind, undefined);
  if (!haveRoom(held.db, request.deliveries, dayOf(request.now))) return { ok: false, code: 'inbox_full' };
  const placed = place(held, state, request, kind, digestRequest(request));
  openEpoch(held.db, state, placed.seq, request.nextTokenHash);
  return { ...placed, delivered: request.deliveries.map((delivery) => insertItem(held.db, delivery)) };
}

function place(
  held: Held,
  state: LogState,
  request: AppendMessage,
  kind: EntryKind,
  digest: Uint8Array | undefined,
): Appended {
  state.seq += 1;
  state.time = Math.max(state.time, request.now);
  const { seq, time, key: log } = state;
  const { id, epoch, body } = request;
  held.tail.push({ log, seq, time, id, epoch, kind, digest, body });
  return { ok: true, seq, time, again: false, delivered: [] };
}

function haveRoom(db: Database, deliveries: readonly InboxDelivery[], today: number): boolean {
  return deliveries.every((delivery) => {
    const toSame = deliveries.filter(
      (other) =>
        Buffer.compare(other.account, delivery.account) === 0 &&
        Buffer.compare(other.device, delivery.device) === 0,
    );
    return hasRoom(db, delivery, toSame.length, today);
  });
}

function read(held: Held, request: ReadEntries): EntriesRead | Refused<'log_unknown' | 'token_refused'> {
  const state = stateOf(held, request.log);
  if (state === undefined) return { ok: false, code: 'log_unknown' };
  const epoch = epochOf(held.db, state, request.epoch);
  if (!opensEpoch(epoch, request.shownHash)) return { ok: false, code: 'token_refused' };
  const head = visibleHead({ epoch: state.epoch, seq: state.seq }, request.epoch, epoch);
  const entries: StoredEntry[] = [];
  let size = 0;
  for (const entry of entriesBetween(held, state.key, request.after, head.seq)) {
    entries.push(entry);
    size += entrySize(entry);
    if (entries.length === request.limit || size >= LIMITS.run) break;
  }
  return { ok: true, entries, head };
}

/** Entries of a log in order: those that were moved, then those that wait. */
function* entriesBetween(held: Held, log: number, after: number, upTo: number): Generator<StoredEntry, void> {
  yield* iterateEntries(held.db, log, after, upTo);
  for (const entry of held.tail.entriesOf(log)) if (entry.seq > after && entry.seq <= upTo) yield entry;
}
