import { fork } from 'node:child_process';
import { once } from 'node:events';
import { MongoClient } from 'mongodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AccountStores } from '../../../src/store/account-stores.ts';
import { createMongoAccountStores } from '../../../src/store/mongodb/account-stores.ts';
import type { MongoDatabase } from '../../../src/store/mongodb/database.ts';
import { sweepAccountStores } from '../../../src/store/sweep-account-stores.ts';
import {
  ALICE,
  bytes,
  deviceOf,
  newAccount,
  newPassword,
  nextStatement,
  sessionIdOf,
  sessionOf,
} from '../accounts/values.ts';
import { type ACCOUNT_STEPS, signUpAlice } from './account-story.ts';
import { dropTestDatabase, freshName, MONGO_URI, openTestMongo } from './mongo.ts';

const KILLABLE = new URL('./crash-account-node.ts', import.meta.url);
const PARTS = ['stated', 'stripped', 'signed_out'];

describe.skipIf(MONGO_URI === undefined)('accounts of several nodes on one database', () => {
  let database: string;
  let dbs: MongoDatabase[];
  let east: AccountStores;
  let west: AccountStores;
  beforeEach(async () => {
    database = freshName();
    dbs = [await openTestMongo(database), await openTestMongo(database)];
    [east, west] = dbs.map((db) => createMongoAccountStores(db)) as [AccountStores, AccountStores];
  });
  afterEach(async () => {
    for (const db of dbs) await db.close();
    await dropTestDatabase(database);
  });

  const { account } = ALICE;
  /** A process of its own that ends in the middle of its work. */
  const killNodeAt = async (step: keyof typeof ACCOUNT_STEPS, part: string) => {
    const child = fork(KILLABLE, [MONGO_URI ?? '', database, step, part], { execArgv: [] });
    const [code, signal] = await once(child, 'exit');
    expect({ code, signal }).toEqual({ code: null, signal: 'SIGKILL' });
  };
  const confirm = (node: AccountStores, fill: number) =>
    node.sessions.confirm(sessionIdOf(fill), bytes(fill, 32), 0);
  /** Fields that hold something, over all documents of a collection. */
  const fieldsOf = async (collection: string) => {
    const client = new MongoClient(MONGO_URI ?? '', { promoteBuffers: true });
    const found = await client.db(database).collection(collection).find().toArray();
    await client.close();
    return [...new Set(found.flatMap((document) => Object.keys(document)))].sort();
  };

  it.each(PARTS)(
    '[AUTH12] killed when a revocation is %s: no session of the device, nor a KeyPackage',
    async (part) => {
      await signUpAlice(east);
      await killNodeAt('revoke', part);
      expect(await west.chains.readState(account)).toEqual(nextStatement().state);
      expect(await confirm(west, 2)).toBe(false);
      expect(await confirm(west, 3)).toBe(true);
      expect(await west.keyPackages.count(account, deviceOf(2))).toEqual({ left: 0, lastResort: false });
    },
  );

  it.each(PARTS)('[STORE32] killed when a change is %s: all of it is there, whoever looks', async (part) => {
    await signUpAlice(east);
    await killNodeAt('change', part);
    const seen = await Promise.all([east, west].map((node) => node.accounts.find(account)));
    expect(seen).toMatchObject([1, 2].map(() => ({ vaultVersion: 1, vault: newPassword().vault })));
    const open = await Promise.all([confirm(east, 1), confirm(west, 2), confirm(east, 3), confirm(west, 1)]);
    expect(open).toEqual([false, false, true, false]);
    expect(await west.sessions.list(account, 0)).toMatchObject([{ id: sessionIdOf(3) }]);
    expect(await east.chains.readStatements(account, 1)).toEqual([nextStatement().statement]);
    expect(await east.keyPackages.count(account, deviceOf(2))).toEqual({ left: 0, lastResort: false });
    expect(await fieldsOf('accounts')).toEqual(['_id', 'account', 'proofs', 'state', 'statement']);
    expect(await fieldsOf('chain_statements')).not.toContain('pending');
    expect(await east.credentials.change(newPassword())).toEqual({ outcome: 'vault_conflict' });
    expect(await east.credentials.change(newPassword({ after: 1 }))).toMatchObject({ outcome: 'changed' });
  });

  it.each((['close', 'erase'] as const).flatMap((step) => PARTS.map((part) => [step, part] as const)))(
    '[STORE32] killed when a %s is %s: the account is over, and empty when it was swept',
    async (step, part) => {
      await signUpAlice(east);
      await killNodeAt(step, part);
      expect(await west.accounts.findByName(ALICE.username)).toBeUndefined();
      expect(await confirm(west, 1)).toBe(false);
      expect(await east.sessions.open(sessionOf(4))).toEqual([]);
      expect(await confirm(east, 4)).toBe(false);
      expect(await west.records.write(account, 'activity', bytes(1), 1)).toBe('conflict');
      await Promise.all([east, west].map((node) => sweepAccountStores(node, 0)));
      expect(await west.accounts.findName(account)).toBe(ALICE.username);
      expect(await west.records.read(account, 'proofs')).toBeUndefined();
      expect(await west.keyPackages.count(account, deviceOf(2))).toEqual({ left: 0, lastResort: false });
      expect(await fieldsOf('accounts')).toEqual(['_id', 'account', 'state', 'statement']);
      for (const collection of ['account_records', 'sessions', 'key_packages', 'last_resort_key_packages'])
        expect(await fieldsOf(collection)).toEqual([]);
    },
  );

  it('[STORE30] knows the accounts and sessions of earlier relays', async () => {
    const month = 30 * 24 * 3600 * 1000;
    const { username, opaqueRecord, vault, statement, chainState, session } = ALICE;
    const { id, device, refreshHash } = session;
    const client = new MongoClient(MONGO_URI ?? '', { ignoreUndefined: true });
    const earlier = client.db(database);
    await earlier
      .collection<{ _id: string }>('accounts')
      .insertOne({ _id: username, ...{ account, opaqueRecord, vault, statement, state: chainState } });
    await earlier
      .collection<{ _id: Uint8Array }>('sessions')
      .insertOne({ _id: id, ...{ account, device, turn: 1 } });
    const first = { session: id, generation: 0, account, device, current: refreshHash };
    await earlier
      .collection<{ _id: Uint8Array }>('refreshes')
      .insertOne({ _id: refreshHash, ...first, ...{ expiresAt: new Date(5000 + month) } });
    await client.close();

    const { accounts, credentials, records, sessions } = east;
    const held = { opaqueRecord, vault, vaultVersion: 0, recoveryHash: undefined };
    expect(await accounts.find(account)).toEqual({ username, account, ...held });
    expect(await sessions.list(account, 0)).toEqual([
      { id, device, openedAt: 5000, renewedAt: 5000, shared: false },
    ]);
    const swap = { shown: refreshHash, next: bytes(50, 32), now: 9000 };
    expect(await sessions.rotate(swap)).toMatchObject({ outcome: 'rotated', shared: false });
    expect(await sessions.isOpen(id, 9000 + month - 1)).toBe(true);
    expect(await sessions.isOpen(id, 9000 + month)).toBe(false);
    expect(await records.write(account, 'proofs', bytes(40), 0)).toBe('written');
    expect(await credentials.change(newPassword())).toMatchObject({ outcome: 'changed' });
    expect(await credentials.close(nextStatement())).toEqual({ outcome: 'changed', endedSessions: [id] });
  });

  it('[STORE33] keeps no password record and no vault but the ones in use', async () => {
    await signUpAlice(east);
    for (let after = 0; after < 3; after++)
      await [east, west][after % 2]?.credentials.change(newPassword({ after, recoveryHash: bytes(30, 32) }));
    const client = new MongoClient(MONGO_URI ?? '', { promoteBuffers: true });
    const steps = await client
      .db(database)
      .collection('chain_statements')
      .find()
      .sort({ version: 1 })
      .toArray();
    await client.close();
    const fields = steps.map((step) => Object.keys(step).sort().join());
    const place = '_id,account';
    expect(fields).toEqual([
      `${place},seq,version`,
      `${place},seq,version`,
      `${place},opaqueRecord,recoveryHash,seq,vault,version`,
    ]);
    expect(await fieldsOf('accounts')).not.toContain('vault');
  });

  it('[STORE21] of changes and statements on two nodes each place is taken once, in one order', async () => {
    await signUpAlice(east);
    for (let round = 0; round < 6; round++) {
      const statement = nextStatement({ seq: round + 1, statement: bytes(100 + round, 50) });
      const change = (node: AccountStores, fill: number) =>
        node.credentials.change(newPassword({ after: round, vault: bytes(fill, 40), statement }));
      const [one, two] = await Promise.all([change(east, 50 + round), change(west, 80 + round)]);
      expect([one.outcome, two.outcome].filter((outcome) => outcome === 'changed')).toHaveLength(1);
      const vault = bytes((one.outcome === 'changed' ? 50 : 80) + round, 40);
      expect(await east.accounts.find(account)).toMatchObject({ vaultVersion: round + 1, vault });
    }
    expect(await west.chains.readStatements(account, 1)).toEqual(
      Array.from({ length: 6 }, (_, round) => bytes(100 + round, 50)),
    );
    // Statements alone, one behind the other: none of them is a change.
    for (const seq of [7, 8, 9])
      expect(await west.chains.append(nextStatement({ seq }))).toMatchObject({ outcome: 'appended' });
    expect(await east.accounts.find(account)).toMatchObject({ vaultVersion: 6 });
  });

  it('[STORE25] tries of a code, and claims, are shared by all nodes', async () => {
    await east.codes.put({ id: bytes(1), hash: bytes(2, 32), tries: 5, expiresAt: 1000 });
    const nodes = Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? east : west));
    const guesses = await Promise.all(nodes.map((node) => node.codes.try(bytes(1), 0)));
    expect(guesses.filter((guess) => guess !== undefined)).toHaveLength(5);
    const claims = await Promise.all(nodes.map((node) => node.codes.claim(bytes(3), 1000)));
    expect(claims.filter((mine) => mine)).toHaveLength(1);
  });

  it('[STORE27] one use of an invitation lets one in, whichever node they ask', async () => {
    const hash = bytes(90, 32);
    await east.invites.create({ hash, uses: 1, createdAt: 0, expiresAt: 1000 });
    const outcomes = await Promise.all(
      Array.from({ length: 6 }, (_, n) =>
        (n % 2 === 0 ? east : west).accounts.create(newAccount(`bob${n}`, n + 1, { invite: hash }), 0),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(1);
    expect(await west.invites.list(0)).toMatchObject([{ used: 1 }]);
  });
});
