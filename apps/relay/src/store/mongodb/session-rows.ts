import type { AccountId, DeviceId } from '@sotto/protocol';
import type { NewSession, SessionId } from '../session-store.ts';
import { findVersion } from './account-standing.ts';
import type { MongoDatabase } from './database.ts';
import { ACCOUNT_END, plainBytes, type RefreshDocument, SESSION_END } from './documents.ts';
import { inserted } from './errors.ts';
import { MOST_ATTEMPTS, pause } from './pause.ts';

/** What other stores do to sessions. Throws what the database throws. */
export interface Sessions {
  open(session: NewSession): Promise<SessionId[]>;
  listOfDevice(account: AccountId, device: DeviceId): Promise<SessionId[]>;
  listOfAccount(account: AccountId, but: SessionId | undefined): Promise<SessionId[]>;
  /** Ends the sessions of a device; may run twice. Answers those that were not ended before. */
  endOfDevice(account: AccountId, device: DeviceId): Promise<SessionId[]>;
  /**
   * Ends the sessions of an account but one, and but those that were opened with credentials of version `before` or later
   * (undefined: whatever they were opened with). May run twice.
   */
  endOfAccount(
    account: AccountId,
    but: SessionId | undefined,
    before: number | undefined,
  ): Promise<SessionId[]>;
}

export function createSessions(db: MongoDatabase): Sessions {
  const list = async (filter: Parameters<typeof db.sessions.find>[0]): Promise<SessionId[]> => {
    const found = await db.sessions.find(filter).project<{ _id: Uint8Array }>({ _id: 1 }).toArray();
    return found.map(({ _id }) => plainBytes(_id) as SessionId);
  };
  const allOf = (account: AccountId, but: SessionId | undefined) => ({
    account,
    ...(but !== undefined && { _id: { $ne: but } }),
  });
  return {
    listOfDevice: (account, device) => list({ account, device }),
    listOfAccount: (account, but) => list(allOf(account, but)),
    endOfDevice: async (account, device) => endAll(db, await list({ account, device })),
    async endOfAccount(account, but, before) {
      const older =
        before === undefined ? {} : { $or: [{ version: { $exists: false } }, { version: { $lt: before } }] };
      return endAll(db, await list({ ...allOf(account, but), ...older }));
    },
    async open(session) {
      const { id, account, device } = session;
      if (!(await mayOpen(db, session))) return [];
      // First, so that who ends all sessions of a device or account and finds this one finds what there is to end.
      await db.refreshes.insertOne(firstGeneration(session));
      const turn = await takeTurn(db, session);
      // An end or another password that came meanwhile may not have seen it: then this process ends it.
      if (!(await mayOpen(db, session))) {
        await endSession(db, id);
        return [];
      }
      return endAll(db, await list({ account, device, turn: { $lt: turn } }));
    },
  };
}

/** An account that is not here asks for nothing; one that is over, or has another password by now, opens no session. */
async function mayOpen(db: MongoDatabase, { account, vaultVersion }: NewSession): Promise<boolean> {
  const version = await findVersion(db, account);
  if (version === undefined) return true;
  return version !== ACCOUNT_END && (vaultVersion === undefined || vaultVersion === version);
}

function firstGeneration(session: NewSession): RefreshDocument {
  const { id, account, device, refreshHash, openedAt, lifetime, shared } = session;
  return {
    _id: refreshHash,
    session: id,
    generation: 0,
    account,
    device,
    expiresAt: new Date(openedAt + lifetime),
    openedAt: new Date(openedAt),
    lifetime,
    shared,
    current: refreshHash,
  };
}

const THIRTY_DAYS_MS = 30 * 24 * 3600 * 1000;

/** What stays the same in all generations. Earlier sessions lived 30 days from when they were renewed. */
export function termsOf({ expiresAt, openedAt, lifetime = THIRTY_DAYS_MS, shared = false }: RefreshDocument) {
  return { openedAt: openedAt ?? new Date(expiresAt.getTime() - lifetime), lifetime, shared };
}

/** Of sessions that a device opens at the same time in two places, the later turn ends the other. */
async function takeTurn(
  db: MongoDatabase,
  { id, account, device, vaultVersion }: NewSession,
): Promise<number> {
  const version = vaultVersion === undefined ? {} : { version: vaultVersion };
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const newest = await db.sessions.findOne(
      { account, device },
      { sort: { turn: -1 }, projection: { _id: 0, turn: 1 } },
    );
    const turn = (newest?.turn ?? 0) + 1;
    if (await inserted(db.sessions.insertOne({ _id: id, account, device, turn, ...version }))) return turn;
    await pause(attempt);
  }
  throw new Error('a device stays contended');
}

export function findNewest(db: MongoDatabase, session: Uint8Array): Promise<RefreshDocument | null> {
  return db.refreshes.findOne({ session }, { sort: { generation: -1 } });
}

/** Key of a generation that brings no token: longer than a hash, so never one. */
export function stepKey(session: Uint8Array, generation: number): Uint8Array {
  const key = Buffer.alloc(36);
  key.set(session);
  key.writeUInt32BE(generation, 32);
  return key;
}

/** True when it was not ended before. */
export async function endSession(db: MongoDatabase, id: Uint8Array): Promise<boolean> {
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
  for (const id of ids) if (await endSession(db, id)) ended.push(id);
  return ended;
}
