import { type AccountId, type DeviceId, equalBytes } from '@sotto/protocol';
import type { ListedSession, Rotation, SessionId, SessionStore, Swap } from '../session-store.ts';
import type { MongoDatabase } from './database.ts';
import { plainBytes, type RefreshDocument, SESSION_END } from './documents.ts';
import { inserted, step, sweepStep } from './errors.ts';
import { REFRESH_GRACE_SECONDS } from './indexes.ts';
import { MOST_ATTEMPTS, pause } from './pause.ts';
import { endSession, findNewest, type Sessions, stepKey, termsOf } from './session-rows.ts';
import { createTurns } from './turns.ts';

/**
 * A session is a row of generations, each inserted behind the one before: of two that come together one finds its place
 * taken and looks again. `settle` finishes revocations that a process which stopped has left, and says whether there were
 * any: before that no session counts as open.
 */
export function createMongoSessions(
  db: MongoDatabase,
  sessions: Sessions,
  settle: () => Promise<boolean>,
): SessionStore {
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
    open: (session) =>
      step(async () => {
        // What ended others before must not come upon this one.
        await settle();
        return sessions.open(session);
      }),
    isOpen: (id, now) => step(async () => (await findOpen(id, now)) !== undefined),
    confirm: (id, refreshHash, now) =>
      step(() => untilPlaced(async () => confirm(db, await findOpen(id, now), refreshHash))),
    rotate: (swap) =>
      // In turn, so that of requests with one token the last is the current pair.
      step(() => turns.run(swap.shown, () => untilPlaced(() => rotate(db, findOpen, swap)))),
    list: (account, now) =>
      step(async () => {
        await settle();
        return listOpen(db, await sessions.listOfAccount(account, undefined), now);
      }),
    end: (id) => step(async () => void (await endSession(db, id))),
    endAll: (account, but) => step(() => sessions.endOfAccount(account, but, undefined)),
    sweep: (now) =>
      sweepStep(async () => {
        await settle();
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
    const { shown, ...stays } = rest;
    const seen = { ...stays, _id: stepKey(session, generation), session, generation };
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
  { shown, next, now }: Swap,
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
    await endSession(db, session.id);
    return { outcome: 'reused', session: session.id };
  }
  const terms = termsOf(newest);
  const placed = await inserted(
    db.refreshes.insertOne({
      _id: next,
      session: session.id,
      generation: newest.generation + 1,
      account,
      device,
      expiresAt: new Date(now + terms.lifetime),
      ...terms,
      current: next,
      previous: shown,
      shown,
    }),
  );
  return placed ? { outcome: 'rotated', session, shared: terms.shared } : 'beaten';
}

/** Throws what the database throws. */
export async function listOpen(
  db: MongoDatabase,
  ids: readonly SessionId[],
  now: number,
): Promise<ListedSession[]> {
  const listed = await Promise.all(
    ids.map(async (id): Promise<ListedSession[]> => {
      const newest = await findNewest(db, id);
      if (newest === null || newest.generation === SESSION_END) return [];
      const expiresAt = newest.expiresAt.getTime();
      if (expiresAt <= now) return [];
      const { openedAt, lifetime, shared } = termsOf(newest);
      const device = plainBytes(newest.device) as DeviceId;
      const renewedAt = expiresAt - lifetime;
      return [{ id, device, openedAt: openedAt.getTime(), renewedAt, shared }];
    }),
  );
  return listed.flat().sort((a, b) => a.openedAt - b.openedAt);
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
