import { type EntryId, entrySize, LIMITS } from '@sotto/protocol';
import { digestRequest, type EpochState, type KnownEntry } from '../log-rules.ts';
import type { AppendCommit, AppendMessage, CreateLog, ReadEntries, StoredEntry } from '../log-store.ts';
import type { MongoDatabase } from './database.ts';
import { type EntryDocument, plainBytes } from './documents.ts';
import { pendingItem } from './inboxes.ts';

/** Where a log ends, and how it begins. */
export interface LogHeadState {
  readonly epoch: number;
  readonly seq: number;
  readonly time: number;
  readonly days: number;
}

const DAY = 24 * 3600 * 1000;

/** What a log begins with: position 0, which no reader sees. */
export function makeCreation({ log, tokenHash, entryDays }: CreateLog): EntryDocument {
  const none = new Uint8Array();
  const opening = { opens: 0, tokenHash, days: entryDays };
  return { log, seq: 0, id: none, epoch: 0, kind: 'create', time: 0, digest: none, ...opening };
}

/** The entry of a request, right behind another one. Times of a log never go back. */
export function makeEntry(
  request: AppendMessage | AppendCommit,
  before: { readonly seq: number; readonly time: number },
  days: number,
  random: (length: number) => Uint8Array,
): EntryDocument {
  const { log, id, epoch, body } = request;
  const time = Math.max(before.time, request.now);
  const entry: EntryDocument = {
    log,
    seq: before.seq + 1,
    id,
    epoch,
    kind: 'message',
    time,
    digest: digestRequest(request),
    body,
    expiresAt: new Date(time + days * DAY),
    keepUntil: new Date(time + 2 * days * DAY),
  };
  if (!('deliveries' in request)) return entry;
  entry.kind = 'commit';
  entry.opens = epoch + 1;
  entry.tokenHash = request.nextTokenHash;
  if (request.deliveries.length === 0) return entry;
  entry.pending = request.deliveries.map((delivery) => pendingItem(delivery, random));
  return entry;
}

/** The newest entry tells the head: it is never deleted. Undefined for a log that was never created. */
export async function findHead(db: MongoDatabase, log: Uint8Array): Promise<LogHeadState | undefined> {
  const [newest, creation] = await Promise.all([
    db.entries.findOne(
      { log },
      { sort: { seq: -1 }, projection: { _id: 0, seq: 1, epoch: 1, kind: 1, time: 1 } },
    ),
    db.entries.findOne({ log, seq: 0 }, { projection: { _id: 0, days: 1 } }),
  ]);
  if (newest === null || creation?.days === undefined) return undefined;
  const { seq, time, kind } = newest;
  return { seq, time, epoch: kind === 'commit' ? newest.epoch + 1 : newest.epoch, days: creation.days };
}

/** What opened an epoch, and the commit that ended it if one did. */
export async function findEpoch(
  db: MongoDatabase,
  log: Uint8Array,
  epoch: number,
): Promise<EpochState | undefined> {
  const steps = await db.entries
    .find({ log, opens: { $gte: epoch, $lte: epoch + 1, $exists: true } })
    .project<Pick<EntryDocument, 'opens' | 'seq' | 'tokenHash'>>({ _id: 0, opens: 1, seq: 1, tokenHash: 1 })
    .toArray();
  const opening = steps.find((step) => step.opens === epoch);
  if (opening?.tokenHash === undefined) return undefined;
  const ending = steps.find((step) => step.opens === epoch + 1);
  // A copy, for it is kept: the other would keep the server's whole answer.
  return { tokenHash: Uint8Array.from(opening.tokenHash), endedAt: ending?.seq };
}

/** Those of the ids that the log knows, by their name, for `judgeRetry`. */
export async function findAllKnown(
  db: MongoDatabase,
  log: Uint8Array,
  ids: readonly Uint8Array[],
): Promise<Map<string, KnownEntry>> {
  const known = new Map<string, KnownEntry>();
  const found = db.entries
    .find({ log, id: { $in: [...ids] } })
    .project<EntryDocument>({ _id: 0, id: 1, seq: 1, time: 1, epoch: 1, kind: 1, digest: 1 });
  for await (const { id, seq, time, epoch, kind, digest } of found) {
    if (kind === 'create') continue;
    known.set(idName(id), { seq, time, epoch, kind, digest: plainBytes(digest), body: undefined });
  }
  return known;
}

export function idName(id: Uint8Array): string {
  return Buffer.from(id).toString('latin1');
}

/**
 * Entries with bodies after `request.after` and up to `upTo`. Stops at the first one missing behind one that is there: a
 * reading that takes long must not jump over what was inserted behind its back.
 */
export async function readRun(db: MongoDatabase, request: ReadEntries, upTo: number): Promise<StoredEntry[]> {
  const run: StoredEntry[] = [];
  if (upTo <= request.after) return run;
  const cursor = db.entries
    .find({ log: request.log, seq: { $gt: Math.max(request.after, 0), $lte: upTo } })
    .sort({ seq: 1 })
    .project<EntryDocument>({ _id: 0, seq: 1, time: 1, id: 1, epoch: 1, kind: 1, body: 1 });
  let size = 0;
  for await (const { seq, time, id, epoch, kind, body } of cursor) {
    const last = run.at(-1);
    if (last !== undefined && (seq !== last.seq + 1 || body === undefined)) break;
    if (body === undefined || kind === 'create') continue;
    const entry = { seq, time, id: plainBytes(id) as EntryId, epoch, kind, body: plainBytes(body) };
    run.push(entry);
    size += entrySize(entry);
    if (run.length === request.limit || size >= LIMITS.run) break;
  }
  return run;
}

const SWEPT_AT_ONCE = 500;

/** Positions of one log that are due, the oldest first: times of a log never go back. */
interface Due {
  readonly log: Uint8Array;
  readonly first: number;
  last: number;
}

/** Takes the bodies away that expired before `now`, and what is left of them as long after again. Answers how many bodies. */
export async function expireBodies(db: MongoDatabase, now: number): Promise<number> {
  const before = new Date(now);
  let expired = 0;
  for (;;) {
    const due = await findDue(db, before);
    if (due.length === 0) break;
    for (const positions of due) expired += await expirePositions(db, positions, before);
  }
  await db.entries.deleteMany({ spent: true, keepUntil: { $lt: before } });
  return expired;
}

async function findDue(db: MongoDatabase, before: Date): Promise<Due[]> {
  const dueByLog = new Map<string, Due>();
  const found = db.entries
    .find({ expiresAt: { $lt: before } })
    .sort({ expiresAt: 1, seq: 1 })
    .limit(SWEPT_AT_ONCE)
    .project<Pick<EntryDocument, 'log' | 'seq'>>({ _id: 0, log: 1, seq: 1 });
  for await (const { log, seq } of found) {
    const name = Buffer.from(log).toString('latin1');
    const due = dueByLog.get(name) ?? { log, first: seq, last: seq };
    due.last = seq;
    dueByLog.set(name, due);
  }
  return [...dueByLog.values()];
}

async function expirePositions(db: MongoDatabase, { log, first, last }: Due, before: Date): Promise<number> {
  const newest = await db.entries.findOne({ log }, { sort: { seq: -1 }, projection: { _id: 0, seq: 1 } });
  const { modifiedCount } = await db.entries.updateMany(
    { log, seq: { $gte: first, $lte: last }, expiresAt: { $lt: before } },
    { $unset: { body: '', expiresAt: '' } },
  );
  // The newest tells the head and commits tell the epochs: neither is ever spent. What was the newest is so no more.
  await db.entries.updateMany(
    {
      log,
      seq: { $gte: Math.max(first - 1, 1), $lte: last, $lt: newest?.seq ?? 0 },
      kind: 'message',
      body: { $exists: false },
      spent: { $exists: false },
    },
    { $set: { spent: true } },
  );
  return modifiedCount;
}
