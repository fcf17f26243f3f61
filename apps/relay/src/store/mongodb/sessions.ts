import { type AccountId, type DeviceId, equalBytes } from '@sotto/protocol';
import type { NewSession, Rotation, SessionId, SessionStore, Swap } from '../session-store.ts';
import type { MongoDatabase } from './database.ts';
import { plainBytes, type RefreshDocument, SESSION_END } from './documents.ts';
import { inserted, step } from './errors.ts';
import { REFRESH_GRACE_SECONDS } from './indexes.ts';
import { MOST_ATTEMPTS, pause } from './pause.ts';
import { createTurns } from './turns.ts';

/** What other stores do to sessions. Throws what the database throws. */
export interface Sessions {
  open(session: NewSession): Promise<SessionId[]>;
  listOfDevice(account: AccountId, device: DeviceId): Promise<SessionId[]>;
  /** Ends the sessions of a device; may run twice. Answers those that were not ended before. */
  endOfDevice(account: AccountId, device: DeviceId): Promise<SessionId[]>;
}

/**
 * A session is a row of generations, each inserted behind the one before: of two that come together one finds its place
 * taken and looks again. `settle` finishes revocations that a process which stopped has left, and says whether there were
 * any: before that no session counts as open.
 */
export function createMongoSessions(db: MongoDatabase, settle: () => Promise<boolean>): SessionStore {
  const sessions = createSessions(db);
  const turns = createTurns();
  /** Rotations of living sessions expire all the time: each is looked at once. */
  let sweptUntil = 0;
  const findOpen = async (id: Uint8Array, now: number): Promise<RefreshDocument | undefined> => {
    const [settled, seen] = await Promise.all([settle(), findNewest(db, id)]);
    const newest = settled ? await findNewest(db, id) : seen;
    const isOpen = newest !== null && newest.generation !== SESSION_END && newest.expiresAt.getTime() > now;
    return isOpen ? newest : undefined;
  };
  return {
    open: (session) => step(() => sessions.open(session)),
    isOpen: (id, now) => step(async () => (await findOpen(id, now)) !== undefined),
    confirm: (id, refreshHash, now) =>
      step(() => untilPlaced(async () => confirm(db, await findOpen(id, now), refreshHash))),
    rotate: (swap) =>
      // In turn, so that of requests with one token the last is the current pair.
      step(() => turns.run(swap.shown, () => untilPlaced(() => rotate(db, findOpen, swap)))),
    end: (id) => step(async () => void (await end(db, id))),
    sweep: (now) =>
      step(async () => {
        await sweep(db, sweptUntil, now);
        sweptUntil = now;
      }),
  };
}

/** Tries until no other process was quicker. */
async function untilPlaced<T>(attemptOnce: () => Promise<T | 'beaten'>): Promise<T> {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const outcome = await attemptOnce();
    if (outcome !== 'beaten') return outcome;
    await pause(attempt);
  }
  throw new Error('a session stays contended');
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
      const { id, account, device, refreshHash, expiresAt } = session;
      await db.refreshes.insertOne({
        _id: refreshHash,
        session: id,
        generation: 0,
        account,
        device,
        expiresAt: new Date(expiresAt),
        current: refreshHash,
      });
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

function findNewest(db: MongoDatabase, session: Uint8Array): Promise<RefreshDocument | null> {
  return db.refreshes.findOne({ session }, { sort: { generation: -1 } });
}

async function confirm(
  db: MongoDatabase,
  newest: RefreshDocument | undefined,
  hash: Uint8Array,
): Promise<boolean | 'beaten'> {
  if (newest === undefined) return false;
  const { session, previous, ...rest } = newest;
  if (equalBytes(hash, newest.current)) {
    if (previous === undefined) return true;
    const generation = newest.generation + 1;
    const { account, device, expiresAt, current } = rest;
    const _id = stepKey(session, generation);
    const seen = { _id, session, generation, account, device, expiresAt, current };
    return (await inserted(db.refreshes.insertOne(seen))) || 'beaten';
  }
  if (previous !== undefined && equalBytes(hash, previous)) return true;
  return wasSettled(db, session, hash);
}

/** Of a hash that is neither current nor the one before: whether its pair was seen in use. Otherwise it is void, or another's. */
async function wasSettled(db: MongoDatabase, session: Uint8Array, hash: Uint8Array): Promise<boolean> {
  const brought = await db.refreshes.findOne({ _id: hash });
  if (brought === null || !equalBytes(brought.session, session)) return false;
  const next = await db.refreshes.findOne(
    { session, generation: { $gt: brought.generation }, shown: { $exists: true } },
    { sort: { generation: 1 } },
  );
  return next?.shown !== undefined && equalBytes(next.shown, hash);
}

async function rotate(
  db: MongoDatabase,
  findOpen: (id: Uint8Array, now: number) => Promise<RefreshDocument | undefined>,
  { shown, next, now, expiresAt }: Swap,
): Promise<Rotation | 'beaten'> {
  const brought = await db.refreshes.findOne({ _id: shown });
  if (brought === null) return { outcome: 'unknown' };
  const newest = await findOpen(brought.session, now);
  if (newest === undefined) return { outcome: 'unknown' };
  const { current, previous, account, device } = newest;
  const session = {
    id: plainBytes(newest.session) as SessionId,
    account: plainBytes(account) as AccountId,
    device: plainBytes(device) as DeviceId,
  };
  if (!equalBytes(shown, current) && !(previous !== undefined && equalBytes(shown, previous))) {
    await end(db, session.id);
    return { outcome: 'reused', session: session.id };
  }
  const placed = await inserted(
    db.refreshes.insertOne({
      _id: next,
      session: session.id,
      generation: newest.generation + 1,
      account,
      device,
      expiresAt: new Date(expiresAt),
      current: next,
      previous: shown,
      shown,
    }),
  );
  return placed ? { outcome: 'rotated', session } : 'beaten';
}

/** Key of a generation that brings no token: longer than a hash, so never one. */
function stepKey(session: Uint8Array, generation: number): Uint8Array {
  const key = Buffer.alloc(36);
  key.set(session);
  key.writeUInt32BE(generation, 32);
  return key;
}

/** True when it was not ended before. */
async function end(db: MongoDatabase, id: Uint8Array): Promise<boolean> {
  const newest = await findNewest(db, id);
  let ended = false;
  if (newest !== null && newest.generation !== SESSION_END) {
    const { previous, shown, ...last } = newest;
    const over = { ...last, _id: stepKey(id, SESSION_END), generation: SESSION_END };
    ended = await inserted(db.refreshes.insertOne(over));
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

/** Sessions whose newest generation expired go whole. What a living one has behind it tells a copied token, for a while. */
async function sweep(db: MongoDatabase, after: number, now: number): Promise<void> {
  const before = new Date(now);
  const due = db.refreshes
    .find({ expiresAt: { $gt: new Date(after), $lte: before } })
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
