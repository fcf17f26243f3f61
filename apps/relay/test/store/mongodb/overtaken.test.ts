import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AccountStores } from '../../../src/store/account-stores.ts';
import { createMongoAccountStores } from '../../../src/store/mongodb/account-stores.ts';
import type { MongoDatabase } from '../../../src/store/mongodb/database.ts';
import { signInOf } from '../accounts/sign-ins-contract.ts';
import {
  ALICE,
  bytes,
  deviceOf,
  newPassword,
  nextStatement,
  sessionIdOf,
  sessionOf,
} from '../accounts/values.ts';
import { signUpAlice } from './account-story.ts';
import { dropTestDatabase, freshName, MONGO_URI, openTestMongo } from './mongo.ts';

describe.skipIf(MONGO_URI === undefined)('a node that is overtaken between looking and writing', () => {
  let database: string;
  let db: MongoDatabase;
  let east: AccountStores;
  beforeEach(async () => {
    database = freshName();
    db = await openTestMongo(database);
    east = createMongoAccountStores(db);
    await signUpAlice(east);
  });
  afterEach(async () => {
    await db.close();
    await dropTestDatabase(database);
  });

  const { account } = ALICE;
  const newest = () => east.sessions.list(account, 0);
  /** What a slow node does, whose first insert into a collection waits until `meanwhile` is done. */
  const overtake = async <T>(
    collection: 'refreshes' | 'accountRecords' | 'accountSteps',
    slow: (node: AccountStores) => Promise<T>,
    meanwhile: () => Promise<unknown>,
  ): Promise<T> => {
    const gate = holdInserts(db[collection]);
    const west = createMongoAccountStores({ ...db, [collection]: gate.collection });
    const outcome = slow(west);
    await gate.reached;
    await meanwhile();
    gate.open();
    return outcome;
  };
  const changePassword = () =>
    east.credentials.change(newPassword({ endSessions: { allBut: sessionIdOf(3) } }));
  const endings = [
    ['closed', () => east.credentials.close(nextStatement())],
    ['erased', () => east.credentials.erase(account)],
  ] as const;

  it('[STORE23] opens no session when the password was changed', async () => {
    const opened = await overtake(
      'refreshes',
      (west) => west.sessions.open(sessionOf(4, { vaultVersion: 0 })),
      changePassword,
    );
    expect(opened).toEqual([]);
    expect(await newest()).toMatchObject([{ id: sessionIdOf(3) }]);
    expect(await east.sessions.isOpen(sessionIdOf(4), 0)).toBe(false);
  });

  it.each([
    ['its factors were changed', () => east.records.write(account, 'proofs', bytes(42, 9), 1)],
    ['the device was revoked', () => east.chains.append(nextStatement({ revoked: [deviceOf(4)] }))],
  ])('[STORE41] lets nobody in when %s, and the ticket is used', async (_what, meanwhile) => {
    const proofs = await east.records.read(account, 'proofs');
    const signIn = signInOf(4, { grounds: { vaultVersion: 0, proofs: proofs?.version ?? 0, statements: 1 } });
    const outcome = await overtake('refreshes', (west) => west.signIns.admit(signIn), meanwhile);
    expect(outcome).toEqual({ outcome: 'moved', ended: [], claimed: true });
    expect(await east.sessions.isOpen(sessionIdOf(4), 0)).toBe(false);
    expect(await east.codes.claim(signIn.claim?.id ?? bytes(0), 1000)).toBe(false);
    expect(await east.records.read(account, 'sign_ins')).toBeUndefined();
  });

  it.each(endings)('[STORE22] opens no session when the account was %s', async (_how, end) => {
    const opened = await overtake('refreshes', (west) => west.sessions.open(sessionOf(4)), end);
    expect(opened).toEqual([]);
    expect(await east.sessions.isOpen(sessionIdOf(4), 0)).toBe(false);
    expect(await db.sessions.countDocuments({ account })).toBe(0);
  });

  it.each(endings)('[STORE22] writes no record when the account was %s', async (_how, end) => {
    const write = (west: AccountStores) => west.records.write(account, 'activity', bytes(42, 9), 1);
    expect(await overtake('accountRecords', write, end)).toBe('conflict');
    expect(await db.accountRecords.countDocuments({ account })).toBe(0);
  });

  it.each(endings)('[STORE22] changes no password when the account was %s', async (_how, end) => {
    const change = newPassword({ session: sessionOf(5), recoveryHash: bytes(30, 32) });
    const outcome = await overtake('accountSteps', (west) => west.credentials.change(change), end);
    expect(outcome).toEqual({ outcome: 'vault_conflict' });
    expect(await east.accounts.find(account)).toBeUndefined();
    expect(await east.sessions.isOpen(sessionIdOf(5), 0)).toBe(false);
    for (const field of ['opaqueRecord', 'vault', 'recoveryHash', 'pending'])
      expect(await db.accountSteps.countDocuments({ [field]: { $exists: true } })).toBe(0);
  });

  it('[STORE21] takes no statement whose place is taken, and none of the password beside it', async () => {
    const reset = newPassword({ statement: nextStatement({ statement: bytes(42, 50) }) });
    const outcome = await overtake(
      'accountSteps',
      (west) => west.credentials.change(reset),
      () => east.chains.append(nextStatement()),
    );
    expect(outcome).toEqual({ outcome: 'chain_conflict' });
    expect(await east.accounts.find(account)).toMatchObject({ vaultVersion: 0, vault: ALICE.vault });
  });
});

/** A collection whose first `insertOne` waits at a gate. */
function holdInserts(collection: object) {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  let reach = () => {};
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const held = new Proxy(collection, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      if (name !== 'insertOne') return value.bind(target);
      return async (...args: unknown[]) => {
        reach();
        await opened;
        return Reflect.apply(value, target, args);
      };
    },
  });
  return { collection: held, reached, open: () => open() };
}
