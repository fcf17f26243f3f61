import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  ACCOUNT_STORES_MIGRATIONS,
  createSqliteAccountStores,
} from '../../src/store/sqlite/account-stores.ts';
import { createSqliteCounters } from '../../src/store/sqlite/counters.ts';
import { openDatabase } from '../../src/store/sqlite/database.ts';
import { describeAccountStores } from './accounts/account-stores-contract.ts';
import {
  ALICE,
  accountOf,
  bytes,
  deviceOf,
  nameOf,
  newAccount,
  newPassword,
  nextStatement,
  sessionIdOf,
  sessionOf,
} from './accounts/values.ts';

const openFile = (path: string, maxPages?: number) =>
  openDatabase({ path, migrations: ACCOUNT_STORES_MIGRATIONS, ...(maxPages !== undefined && { maxPages }) });

describeAccountStores({
  name: 'sqlite',
  async open() {
    const db = openFile(':memory:');
    return { stores: createSqliteAccountStores(db), close: async () => db.close() };
  },
  countsExactly: true,
});

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sotto-accounts-'));
  path = join(folder, 'accounts.db');
});
afterEach(() => rm(folder, { recursive: true }));

it('[HTTP19] a full disk refuses a write whole and says so; what stood there stays', async () => {
  const db = openFile(path, 80);
  const stores = createSqliteAccountStores(db);
  const create = (i: number) => {
    const large = { vault: bytes(i, 4000), statement: bytes(i, 1000) };
    return stores.accounts.create(newAccount(`alice${i}`, i, large), 0);
  };
  const failure = await (async () => {
    for (let i = 1; i < 100; i++) {
      const refused = await create(i).then(
        () => undefined,
        (error: unknown) => ({ error, i }),
      );
      if (refused !== undefined) return refused;
    }
    throw new Error('the disk never filled');
  })();
  expect(failure.error).toMatchObject({ name: 'StoreError', code: 'storage_full' });
  expect(await stores.accounts.findByName(nameOf(`alice${failure.i}`))).toBeUndefined();
  expect(await stores.accounts.findByName(nameOf(`alice${failure.i - 1}`))).toBeDefined();
  db.exec('PRAGMA max_page_count = 1000');
  expect(await create(failure.i)).toBe('created');
  db.close();
});

it('[STORE14] everything but what was taken away is there when the file is opened again', async () => {
  const first = openFile(path);
  const before = createSqliteAccountStores(first);
  const mail = { id: bytes(3), sealed: bytes(4, 90), dueAt: 0, expiresAt: 1000 };
  await before.accounts.create({ ...ALICE, proofs: bytes(40) }, 0);
  await before.credentials.change(newPassword());
  await before.codes.put({ id: bytes(1), hash: bytes(2, 32), tries: 2, expiresAt: 1000 });
  await before.codes.try(bytes(1), 0);
  await before.codes.claim(bytes(9), 1000);
  await before.mail.put(mail);
  await before.invites.create({ hash: bytes(5, 32), uses: 1, createdAt: 0, expiresAt: 1000 });
  await before.counters.add('alice', 10, 0);
  first.close();
  const second = openFile(path);
  const { accounts, codes, counters, invites, mail: queue, records } = createSqliteAccountStores(second);
  expect(await accounts.find(ALICE.account)).toMatchObject({ vaultVersion: 1, vault: newPassword().vault });
  expect(await records.read(ALICE.account, 'proofs')).toEqual({ bytes: bytes(40), version: 1 });
  expect(await codes.try(bytes(1), 0)).toEqual({ hash: bytes(2, 32) });
  expect(await codes.try(bytes(1), 0)).toBeUndefined();
  expect(await codes.claim(bytes(9), 1000)).toBe(false);
  expect(await queue.take(0, 10)).toEqual({ ...mail, dueAt: 10, attempt: 1 });
  expect(await invites.isOpen(bytes(5, 32), 0)).toBe(true);
  expect(await counters.read('alice', 0)).toMatchObject({ count: 1 });
  second.close();
});

/** The schema before accounts had more than one way in, as it was shipped. */
const EARLIER_SCHEMA = `
  CREATE TABLE migrations (name TEXT PRIMARY KEY) WITHOUT ROWID;
  INSERT INTO migrations (name)
    VALUES ('accounts-1'), ('chains-1'), ('key-packages-1'), ('sessions-1'), ('probe-1');
  CREATE TABLE accounts (
    username TEXT PRIMARY KEY, account BLOB NOT NULL UNIQUE, opaque_record BLOB NOT NULL, vault BLOB NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE chains (account BLOB PRIMARY KEY, length INTEGER NOT NULL, state BLOB NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE chain_statements (
    account BLOB NOT NULL, seq INTEGER NOT NULL, statement BLOB NOT NULL, PRIMARY KEY (account, seq)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE key_packages (
    id INTEGER PRIMARY KEY, account BLOB NOT NULL, device BLOB NOT NULL, digest BLOB NOT NULL, body BLOB,
    UNIQUE (account, device, digest)
  ) STRICT;
  CREATE INDEX key_packages_left ON key_packages (account, device, id) WHERE body IS NOT NULL;
  CREATE TABLE last_resort_key_packages (
    account BLOB NOT NULL, device BLOB NOT NULL, body BLOB NOT NULL, PRIMARY KEY (account, device)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE sessions (
    id BLOB PRIMARY KEY, account BLOB NOT NULL, device BLOB NOT NULL, refresh_hash BLOB NOT NULL UNIQUE,
    previous_hash BLOB UNIQUE, expires_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX sessions_of_device ON sessions (account, device);
  CREATE INDEX sessions_by_expiry ON sessions (expires_at);
  CREATE TABLE old_refreshes (
    hash BLOB PRIMARY KEY, session BLOB NOT NULL REFERENCES sessions (id) ON DELETE CASCADE, void INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX old_refreshes_of_session ON old_refreshes (session);
  CREATE TABLE probe (id INTEGER PRIMARY KEY, at INTEGER NOT NULL) STRICT`;

it('[STORE30] an earlier database keeps its accounts and sessions, and takes what is new', async () => {
  const month = 30 * 24 * 3600 * 1000;
  const [renewedAt, expiresAt] = [5000, 5000 + month];
  const earlier = new DatabaseSync(path);
  earlier.exec(EARLIER_SCHEMA);
  const { account, username, opaqueRecord, vault, statement, chainState, session } = ALICE;
  earlier.prepare('INSERT INTO accounts VALUES (?, ?, ?, ?)').run(username, account, opaqueRecord, vault);
  earlier.prepare('INSERT INTO chains VALUES (?, 1, ?)').run(account, chainState);
  earlier.prepare('INSERT INTO chain_statements VALUES (?, 0, ?)').run(account, statement);
  earlier
    .prepare('INSERT INTO sessions VALUES (?, ?, ?, ?, NULL, ?)')
    .run(session.id, account, session.device, session.refreshHash, expiresAt);
  earlier.close();

  for (let start = 0; start < 2; start++) {
    const db = openFile(path);
    const { accounts, chains, sessions } = createSqliteAccountStores(db);
    const credentials = { opaqueRecord, vault, vaultVersion: 0, recoveryHash: undefined };
    expect(await accounts.findByName(username)).toEqual({ username, account, ...credentials });
    expect(await chains.readStatements(account, 0)).toEqual([statement]);
    expect(await sessions.list(account, expiresAt - 1)).toEqual([
      { id: session.id, device: session.device, openedAt: renewedAt, renewedAt, shared: false },
    ]);
    expect(await sessions.isOpen(session.id, expiresAt)).toBe(false);
    db.close();
  }
  const db = openFile(path);
  const { credentials, records, sessions } = createSqliteAccountStores(db);
  const swap = { shown: session.refreshHash, next: bytes(50, 32), now: 9000 };
  expect(await sessions.rotate(swap)).toMatchObject({ outcome: 'rotated', shared: false });
  expect(await sessions.isOpen(session.id, 9000 + month - 1)).toBe(true);
  expect(await sessions.isOpen(session.id, 9000 + month)).toBe(false);
  expect(await records.write(account, 'proofs', bytes(40), 0)).toBe('written');
  expect(await credentials.change(newPassword({ recoveryHash: bytes(30, 32) }))).toMatchObject({
    outcome: 'changed',
  });
  expect(await credentials.close(nextStatement())).toEqual({
    outcome: 'changed',
    endedSessions: [session.id],
  });
  db.close();
});

it('[STORE33] the files hold nothing of a replaced password or an ended account', async () => {
  const db = openFile(path);
  db.exec('PRAGMA locking_mode = EXCLUSIVE');
  const { accounts, credentials, keyPackages, records, sessions } = createSqliteAccountStores(db);
  const secret = (word: string) => Buffer.from(`secret of ${word} `.repeat(40));
  const find = async () => {
    const files = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name))));
    return ['record', 'vault', 'proofs', 'hash', 'package'].filter((word) =>
      files.some((file) => file.includes(secret(word).subarray(0, 17))),
    );
  };
  const alice = {
    ...ALICE,
    opaqueRecord: secret('record'),
    vault: secret('vault'),
    proofs: secret('proofs'),
  };
  await accounts.create(alice, 0);
  await accounts.create(newAccount('bob', 2), 0);
  expect(await find()).toEqual(['record', 'vault', 'proofs']);
  const change = newPassword({ vault: bytes(9, 300), recoveryHash: secret('hash') });
  await credentials.change(change);
  expect(await find()).toEqual(['proofs', 'hash']);
  await records.write(ALICE.account, 'activity', secret('proofs'), 0);
  const upload = { account: ALICE.account, device: deviceOf(1), lastResort: secret('package') };
  await keyPackages.publish({ ...upload, oneTime: [secret('package')] });
  await credentials.erase(ALICE.account);
  expect(await find()).toEqual([]);
  expect(await accounts.findByName(nameOf('bob'))).toBeDefined();
  expect(await sessions.isOpen(sessionIdOf(2), 0)).toBe(true);
  await sessions.open(sessionOf(3, { account: accountOf(2) }));
  db.close();
});

it('[STORE28] of more keys than the file may hold those that grew longest ago are forgotten', async () => {
  const db = openFile(path);
  const counters = createSqliteCounters(db, 20);
  for (let i = 0; i < 100; i++) {
    await counters.add(`network ${i}`, 1000, i);
    await counters.add('alice', 1000, i);
  }
  const row = db.get('SELECT count(*) AS rows FROM counters');
  expect(Number(row?.rows)).toBeLessThanOrEqual(20);
  expect(await counters.read('alice', 100)).toMatchObject({ count: 100 });
  expect(await counters.read('network 99', 100)).toMatchObject({ count: 1 });
  expect(await counters.read('network 1', 100)).toMatchObject({ count: 0 });
  db.close();
});
