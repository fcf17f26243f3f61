import { type InboxItem, LIMITS } from '@sotto/protocol';
import type { Filter } from 'mongodb';
import { type InboxStore, inboxItemSize } from '../inbox-store.ts';
import type { InboxDelivery } from '../log-store.ts';
import type { MongoDatabase } from './database.ts';
import {
  deviceKey,
  type EntryDocument,
  type InboxItemDocument,
  type PendingItem,
  plainBytes,
} from './documents.ts';
import { inserted } from './errors.ts';
import { MOST_ATTEMPTS, pause } from './pause.ts';
import type { Turns } from './turns.ts';

/** A commit whose Welcomes may not all stand in their inboxes. */
type PendingCommit = Pick<EntryDocument, 'log' | 'seq' | 'pending'>;

/** The port, throwing where storage fails, and what a commit does to inboxes. */
export interface Inboxes {
  readonly store: InboxStore;
  /** Whether each inbox has room for what is meant for it. */
  haveRoom(deliveries: readonly InboxDelivery[], today: number): Promise<boolean>;
  /**
   * Puts the Welcomes of a durable commit down and strikes them from it. Any process may, at any time, also at the same
   * time: the random key of an item keeps it from being put down twice. Answers their places in order.
   */
  settle(commit: PendingCommit): Promise<number[]>;
  /** Finishes what processes that stopped have left of their commits. */
  settleAll(): Promise<void>;
}

export interface InboxesDeps {
  readonly db: MongoDatabase;
  readonly turns: Turns;
  readonly random: (length: number) => Uint8Array;
  readonly onStep: (step: 'delivered' | 'settled') => Promise<void>;
}

const DAY = 24 * 3600 * 1000;
/** Days that an empty place is kept past its item's last one, so that a late delivery finds it used. */
const KEPT_DAYS = 8;

export function createInboxes(deps: InboxesDeps): Inboxes {
  const { db, turns } = deps;
  const places = createPlaces(db);
  const settle = async (commit: PendingCommit): Promise<number[]> => {
    const taken: number[] = [];
    for (const item of commit.pending ?? []) {
      taken.push(await turns.run(item.inbox, () => putItem(db, places, item)));
      await deps.onStep('delivered');
    }
    await db.entries.updateOne({ log: commit.log, seq: commit.seq }, { $unset: { pending: '' } });
    await deps.onStep('settled');
    return taken;
  };
  const settleWhere = async (filter: Filter<EntryDocument>): Promise<void> => {
    const found = db.entries.find(filter).project<PendingCommit>({ _id: 0, log: 1, seq: 1, pending: 1 });
    for await (const commit of found) await settle(commit);
  };
  const hasRoom = async (inbox: Uint8Array, more: number, today: number): Promise<boolean> => {
    // As many items as places at most: a young inbox need not be counted.
    if ((await places.last(inbox)) + more <= LIMITS.inboxItems) return true;
    return (
      more + (await db.inboxItems.countDocuments({ inbox, expiryDay: { $gte: today } })) <= LIMITS.inboxItems
    );
  };

  const store: InboxStore = {
    appendItem: (delivery, today) =>
      turns.run(deviceKey(delivery), async () => {
        const item = pendingItem(delivery, deps.random);
        const seq = await putItem(db, places, item, () => hasRoom(item.inbox, 1, today));
        return seq === undefined ? { ok: false, code: 'inbox_full' } : { ok: true, seq };
      }),
    async readItems(address, after, today) {
      const inbox = deviceKey(address);
      await settleWhere({ 'pending.inbox': inbox });
      return { ok: true, items: await readItems(db, inbox, after, today) };
    },
    async trimItems(address, upTo) {
      await emptyPlaces(db, deviceKey(address), { seq: { $lte: upTo } });
      return { ok: true };
    },
    async expireItems(today) {
      await settleWhere({ 'pending.inbox': { $exists: true } });
      return expireItems(db, today);
    },
  };
  return {
    store,
    settle,
    settleAll: () => settleWhere({ 'pending.inbox': { $exists: true } }),
    async haveRoom(deliveries, today) {
      const countByInbox = new Map<string, number>();
      for (const delivery of deliveries) {
        const name = Buffer.from(deviceKey(delivery)).toString('latin1');
        countByInbox.set(name, (countByInbox.get(name) ?? 0) + 1);
      }
      for (const [name, more] of countByInbox) {
        if (!(await hasRoom(Buffer.from(name, 'latin1'), more, today))) return false;
      }
      return true;
    },
  };
}

/** A Welcome as it waits in its commit. */
export function pendingItem(delivery: InboxDelivery, random: (length: number) => Uint8Array): PendingItem {
  const { expiryDay, body } = delivery;
  return { item: random(16), inbox: deviceKey(delivery), expiryDay, body };
}

/** The newest place of each inbox as this process knows it: another one may have taken the next already. */
interface Places {
  last(inbox: Uint8Array): Promise<number>;
  took(inbox: Uint8Array, place: number): void;
  forget(inbox: Uint8Array): void;
}

const KEPT_INBOXES = 20_000;

function createPlaces(db: MongoDatabase): Places {
  const lastByInbox = new Map<string, number>();
  const took = (inbox: Uint8Array, place: number): void => {
    const name = Buffer.from(inbox).toString('latin1');
    lastByInbox.delete(name);
    lastByInbox.set(name, place);
    const [oldest] = lastByInbox.keys();
    if (lastByInbox.size > KEPT_INBOXES && oldest !== undefined) lastByInbox.delete(oldest);
  };
  return {
    took,
    async last(inbox) {
      const known = lastByInbox.get(Buffer.from(inbox).toString('latin1'));
      if (known !== undefined) return known;
      const found = await findNewest(db, inbox);
      took(inbox, found);
      return found;
    },
    forget: (inbox) => void lastByInbox.delete(Buffer.from(inbox).toString('latin1')),
  };
}

function putItem(db: MongoDatabase, places: Places, item: PendingItem): Promise<number>;
function putItem(
  db: MongoDatabase,
  places: Places,
  item: PendingItem,
  mayTake: () => Promise<boolean>,
): Promise<number | undefined>;
/**
 * Puts an item at the next place of its inbox, if it was not put down before. Answers its place; undefined when `mayTake`
 * says no. What that has seen still holds when the place is taken: another process's item would have taken it first.
 */
async function putItem(
  db: MongoDatabase,
  places: Places,
  { item, inbox, expiryDay, body }: PendingItem,
  mayTake?: () => Promise<boolean>,
): Promise<number | undefined> {
  const keepUntil = new Date((expiryDay + KEPT_DAYS) * DAY);
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const seq = (await places.last(inbox)) + 1;
    if (mayTake !== undefined && !(await mayTake())) return undefined;
    const document = { _id: item, inbox, seq, expiryDay, body, keepUntil };
    if (await inserted(db.inboxItems.insertOne(document))) {
      places.took(inbox, seq);
      return seq;
    }
    places.forget(inbox);
    const stands = await db.inboxItems.findOne({ _id: item }, { projection: { _id: 0, seq: 1 } });
    if (stands !== null) return stands.seq;
    await pause(attempt);
  }
  throw new Error('an inbox stays contended');
}

/** The newest place of an inbox: its document is never deleted, so that no place is used twice. */
async function findNewest(db: MongoDatabase, inbox: Uint8Array): Promise<number> {
  const newest = await db.inboxItems.findOne(
    { inbox },
    { sort: { seq: -1 }, projection: { _id: 0, seq: 1 } },
  );
  return newest?.seq ?? 0;
}

async function readItems(
  db: MongoDatabase,
  inbox: Uint8Array,
  after: number,
  today: number,
): Promise<InboxItem[]> {
  const items: InboxItem[] = [];
  const cursor = db.inboxItems
    .find({ inbox, seq: { $gt: after }, expiryDay: { $gte: today } })
    .sort({ seq: 1 })
    .limit(LIMITS.runEntries)
    .project<InboxItemDocument>({ _id: 0, seq: 1, expiryDay: 1, body: 1 });
  let size = 0;
  for await (const { seq, expiryDay, body } of cursor) {
    if (expiryDay === undefined || body === undefined) continue;
    const item = { seq, expiryDay, body: plainBytes(body) };
    items.push(item);
    size += inboxItemSize(item);
    if (size >= LIMITS.run) break;
  }
  return items;
}

/** Empties the places that `where` names. All but the newest can go when their time has come. Answers how many were full. */
async function emptyPlaces(
  db: MongoDatabase,
  inbox: Uint8Array,
  where: Filter<InboxItemDocument>,
): Promise<number> {
  const newest = await findNewest(db, inbox);
  const { modifiedCount } = await db.inboxItems.updateMany(
    { $and: [{ inbox, expiryDay: { $exists: true } }, where] },
    { $unset: { body: '', expiryDay: '' } },
  );
  await db.inboxItems.updateMany(
    { inbox, seq: { $lt: newest }, expiryDay: { $exists: false }, spent: { $exists: false } },
    { $set: { spent: true } },
  );
  return modifiedCount;
}

const SWEPT_AT_ONCE = 500;

async function expireItems(db: MongoDatabase, today: number): Promise<number> {
  let expired = 0;
  for (;;) {
    const due = await db.inboxItems
      .find({ expiryDay: { $lt: today } })
      .project<Pick<InboxItemDocument, 'inbox'>>({ _id: 0, inbox: 1 })
      .limit(SWEPT_AT_ONCE)
      .toArray();
    if (due.length === 0) break;
    const inboxes = new Map(due.map(({ inbox }) => [Buffer.from(inbox).toString('latin1'), inbox]));
    for (const inbox of inboxes.values()) {
      expired += await emptyPlaces(db, inbox, { expiryDay: { $lt: today } });
    }
  }
  await db.inboxItems.deleteMany({ spent: true, keepUntil: { $lt: new Date(today * DAY) } });
  return expired;
}
