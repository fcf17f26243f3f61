import { type EntryId, entrySize, LIMITS } from '@sotto/protocol';
import type { Filter } from 'mongodb';
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
    .find({ log, opens: { $in: [epoch, epoch + 1] } })
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

/** Takes the bodies away that expired before `now`, and what is left of them as long after again. Answers how many bodies. */
export async function expireBodies(db: MongoDatabase, now: number): Promise<number> {
  const before = new Date(now);
  let expired = 0;
  for (;;) {
    const due = await db.entries
      .find({ expiresAt: { $lt: before } })
      .project<Pick<EntryDocument, 'log'>>({ _id: 0, log: 1 })
      .limit(SWEPT_AT_ONCE)
      .toArray();
    if (due.length === 0) break;
    const logs = new Map(due.map(({ log }) => [Buffer.from(log).toString('latin1'), log]));
    for (const log of logs.values()) expired += await expireLog(db, log, before);
  }
  await db.entries.deleteMany({ spent: true, keepUntil: { $lt: before } });
  return expired;
}

async function expireLog(db: MongoDatabase, log: Uint8Array, before: Date): Promise<number> {
  const due: Filter<EntryDocument> = { log, expiresAt: { $lt: before } };
  const order = { sort: { seq: -1 }, projection: { _id: 0, seq: 1 } } as const;
  const [newest, lastDue] = await Promise.all([
    db.entries.findOne({ log }, order),
    db.entries.findOne(due, order),
  ]);
  if (newest === null || lastDue === null) return 0;
  const gone = { body: '', expiresAt: '' } as const;
  const { modifiedCount } = await db.entries.updateMany(due, { $unset: gone });
  // The newest tells the head and commits tell the epochs: neither is ever spent.
  await db.entries.updateMany(
    {
      log,
      seq: { $gt: 0, $lte: lastDue.seq, $lt: newest.seq },
      kind: 'message',
      body: { $exists: false },
      spent: { $exists: false },
    },
    { $set: { spent: true } },
  );
  return modifiedCount;
}
