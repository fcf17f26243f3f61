import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AccountId, DeviceId, Username } from '@sotto/protocol';
import { expect, it } from 'vitest';
import { createMemoryAccountStores } from '../../src/store/memory/account-stores.ts';
import { createMemoryTickets } from '../../src/store/memory/tickets.ts';
import type { SessionId } from '../../src/store/session-store.ts';
import {
  ACCOUNT_STORES_MIGRATIONS,
  createSqliteAccountStores,
} from '../../src/store/sqlite/account-stores.ts';
import { openDatabase } from '../../src/store/sqlite/database.ts';
import { describeAccountStores } from './account-stores-contract.ts';

describeAccountStores('memory', async () => ({
  stores: createMemoryAccountStores(),
  close: async () => {},
}));

const openFile = (path: string, maxPages?: number) =>
  openDatabase({ path, migrations: ACCOUNT_STORES_MIGRATIONS, ...(maxPages !== undefined && { maxPages }) });

describeAccountStores('sqlite', async () => {
  const db = openFile(':memory:');
  return { stores: createSqliteAccountStores(db), close: async () => db.close() };
});

it('[HTTP19] a full disk refuses a write whole and says so; what stood there stays', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sotto-accounts-'));
  const db = openFile(join(folder, 'accounts.db'), 60);
  const stores = createSqliteAccountStores(db);
  const create = (i: number) =>
    stores.accounts.create({
      username: `alice${i}` as Username,
      account: new Uint8Array(16).fill(i) as AccountId,
      opaqueRecord: new Uint8Array(192),
      vault: new Uint8Array(4000),
      statement: new Uint8Array(1000),
      chainState: new Uint8Array(100),
      session: {
        id: new Uint8Array(16).fill(i) as SessionId,
        account: new Uint8Array(16).fill(i) as AccountId,
        device: new Uint8Array(16).fill(i) as DeviceId,
        refreshHash: new Uint8Array(32).fill(i),
        expiresAt: 1,
      },
    });
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
  expect(await stores.accounts.findByName(`alice${failure.i}` as Username)).toBeUndefined();
  expect(await stores.accounts.findByName(`alice${failure.i - 1}` as Username)).toBeDefined();
  db.exec('PRAGMA max_page_count = 1000');
  expect(await create(failure.i)).toBe('created');
  db.close();
  await rm(folder, { recursive: true });
});

it('[AUTH4] a ticket serves one caller, until its time; when too many wait, the oldest goes', async () => {
  const tickets = createMemoryTickets(2);
  const ticket = (fill: number) => new Uint8Array(16).fill(fill);
  const content = { leg: 'register', username: 'alice' as Username } as const;
  await tickets.put(ticket(1), content, 100);
  expect(await tickets.take(ticket(1), 99)).toEqual(content);
  expect(await tickets.take(ticket(1), 99)).toBeUndefined();
  await tickets.put(ticket(2), content, 100);
  expect(await tickets.take(ticket(2), 100)).toBeUndefined();
  for (const fill of [3, 4, 5]) await tickets.put(ticket(fill), content, 100);
  expect(await tickets.take(ticket(3), 0)).toBeUndefined();
  expect(await tickets.take(ticket(4), 0)).toEqual(content);
  expect(await tickets.take(ticket(5), 0)).toEqual(content);
});
