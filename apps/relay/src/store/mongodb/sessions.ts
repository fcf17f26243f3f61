import type { AccountId, DeviceId } from '@sotto/protocol';
import type { NewSession, Rotation, SessionId, SessionStore } from '../session-store.ts';
import type { MongoDatabase } from './database.ts';
import { plainBytes, type RefreshDocument, SESSION_END } from './documents.ts';
import { inserted, step } from './errors.ts';
import { REFRESH_GRACE_SECONDS } from './indexes.ts';
import { MOST_ATTEMPTS, pause } from './pause.ts';

/** What other stores do to sessions. Throws what the database throws. */
export interface Sessions {
  open(session: NewSession): Promise<SessionId[]>;
  listOfDevice(account: AccountId, device: DeviceId): Promise<SessionId[]>;
  /** Ends the sessions of a device; may run twice. Answers those that were not ended before. */
  endOfDevice(account: AccountId, device: DeviceId): Promise<SessionId[]>;
}

/**
 * A session is a row of generations. A rotation inserts the next one: of two with the same token one finds it taken. The end
 * is the last generation there can be. `settle` finishes revocations that a process which stopped has left, and says whether
 * there were any: before that no session counts as open.
 */
export function createMongoSessions(db: MongoDatabase, settle: () => Promise<boolean>): SessionStore {
  const sessions = createSessions(db);
  const isOpen = async (id: SessionId, now: number): Promise<boolean> => {
    const [settled, newest] = await Promise.all([settle(), findNewest(db, id)]);
    return isOpenAt(settled ? await findNewest(db, id) : newest, now);
  };
  return {
    open: (session) => step(() => sessions.open(session)),
    isOpen: (id, now) => step(() => isOpen(id, now)),
    rotate: (swap) =>
      step(async () => {
        await settle();
        return rotate(db, swap);
      }),
    end: (id) => step(async () => void (await end(db, id))),
    sweep: (now) => step(() => sweep(db, now)),
  };
}

export function createSessions(db: MongoDatabase): Sessions {
  const listOfDevice = async (account: AccountId, device: DeviceId, before = SESSION_END) => {
    const found = await db.sessions
      .find({ account, device, turn: { $lt: before } })
      .project<{ _id: Uint8Array }>({ _id: 1 })
      .toArray();
    return found.map(({ _id }) => plainBytes(_id) as SessionId);
  };
  return {
    listOfDevice,
    async open(session) {
      const turn = await takeTurn(db, session);
      await db.refreshes.insertOne(generation(session, 0, session.refreshHash, session.expiresAt));
      return endAll(db, await listOfDevice(session.account, session.device, turn));
    },
    endOfDevice: async (account, device) => endAll(db, await listOfDevice(account, device)),
  };
}

/** Of sessions that a device opens at the same time in two places, the later turn ends the other. */
async function takeTurn(db: MongoDatabase, { id, account, device }: NewSession): Promise<number> {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const newest = await db.sessions.findOne(
      { account, device },
      { sort: { turn: -1 }, projection: { _id: 0, turn: 1 } },
    );
    const turn = (newest?.turn ?? 0) + 1;
    if (await inserted(db.sessions.insertOne({ _id: id, account, device, turn }))) return turn;
    await pause(attempt);
  }
  throw new Error('a device stays contended');
}

function generation(
  session: { readonly id: Uint8Array; readonly account: Uint8Array; readonly device: Uint8Array },
  number: number,
  hash: Uint8Array,
  expiresAt: number,
): RefreshDocument {
  const { id, account, device } = session;
  return { _id: hash, session: id, generation: number, account, device, expiresAt: new Date(expiresAt) };
}

function findNewest(db: MongoDatabase, session: Uint8Array): Promise<RefreshDocument | null> {
  return db.refreshes.findOne({ session }, { sort: { generation: -1 } });
}

function isOpenAt(newest: RefreshDocument | null, now: number): newest is RefreshDocument {
  return newest !== null && newest.generation !== SESSION_END && newest.expiresAt.getTime() > now;
}

async function rotate(db: MongoDatabase, swap: Parameters<SessionStore['rotate']>[0]): Promise<Rotation> {
  const shown = await db.refreshes.findOne({ _id: swap.spent });
  if (shown === null) return { outcome: 'unknown' };
  const newest = await findNewest(db, shown.session);
  if (!isOpenAt(newest, swap.now)) return { outcome: 'unknown' };
  const session = {
    id: plainBytes(shown.session) as SessionId,
    account: plainBytes(shown.account) as AccountId,
    device: plainBytes(shown.device) as DeviceId,
  };
  const isSpent = newest.generation !== shown.generation;
  const next = generation(session, shown.generation + 1, swap.next, swap.expiresAt);
  if (isSpent || !(await inserted(db.refreshes.insertOne(next)))) {
    await end(db, session.id);
    return { outcome: 'reused', session: session.id };
  }
  return { outcome: 'rotated', session };
}

/** True when it was not ended before. */
async function end(db: MongoDatabase, id: Uint8Array): Promise<boolean> {
  const newest = await findNewest(db, id);
  let ended = false;
  if (newest !== null && newest.generation !== SESSION_END) {
    ended = await inserted(
      db.refreshes.insertOne(generation({ ...newest, id }, SESSION_END, id, newest.expiresAt.getTime())),
    );
  }
  await db.sessions.deleteOne({ _id: id });
  return ended;
}

async function endAll(db: MongoDatabase, ids: readonly SessionId[]): Promise<SessionId[]> {
  const ended: SessionId[] = [];
  for (const id of ids) if (await end(db, id)) ended.push(id);
  return ended;
}

const SWEPT_AT_ONCE = 1000;

/** Sessions whose newest generation expired go whole. Older generations of a living one stay, to tell a copied token. */
async function sweep(db: MongoDatabase, now: number): Promise<void> {
  const before = new Date(now);
  const due = db.refreshes
    .find({ expiresAt: { $lte: before } })
    .sort({ expiresAt: 1 })
    .project<Pick<RefreshDocument, 'session'>>({ _id: 0, session: 1 })
    .batchSize(SWEPT_AT_ONCE);
  const seen = new Set<string>();
  for await (const { session } of due) {
    const name = Buffer.from(session).toString('latin1');
    if (seen.has(name)) continue;
    seen.add(name);
    const newest = await findNewest(db, session);
    if (newest === null || newest.expiresAt > before) continue;
    await db.sessions.deleteOne({ _id: session });
    await db.refreshes.deleteMany({ session });
  }
  await db.refreshes.deleteMany({ expiresAt: { $lte: new Date(now - REFRESH_GRACE_SECONDS * 1000) } });
}
