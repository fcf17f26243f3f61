import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { LIMITS, type LogId } from '@sotto/protocol';
import { afterAll, describe, expect, it } from 'vitest';
import type { LogStore } from '../../src/store/log-store.ts';
import { createSqliteLogs, type SqliteLogsOptions } from '../../src/store/sqlite/logs.ts';
import {
  BOB,
  commit,
  FAMILY,
  filled,
  hashOf,
  message,
  NOON,
  testLogStore,
  tokenOf,
  welcomeFor,
} from './log-store-contract.ts';

const folder = mkdtempSync(join(tmpdir(), 'sotto-logs-'));
let files = 0;
const freshFile = () => join(folder, `${files++}.sqlite`);
afterAll(() => rmSync(folder, { recursive: true }));

const open = (options: Partial<SqliteLogsOptions> = {}) =>
  createSqliteLogs({ path: freshFile(), ...options });

testLogStore('sqlite', open);
// Everything leaves the journal after each batch: the same rules, from the other tables.
testLogStore('sqlite, moved at once', () => open({ waiting: 0 }));

const createFamily = (logs: LogStore) =>
  logs.createLog({ log: FAMILY, tokenHash: hashOf(tokenOf(0)), entryDays: 30 });
const readAll = async (logs: LogStore, epoch = 0, after = 0) => {
  const shownHash = hashOf(tokenOf(epoch));
  const outcome = await logs.readEntries({ log: FAMILY, epoch, shownHash, after, limit: LIMITS.runEntries });
  return outcome.ok ? outcome.entries : [];
};

describe('sqlite: one file, opened again', () => {
  it('[STORE14] has everything that was acknowledged, moved or not', async () => {
    const path = freshFile();
    const before = createSqliteLogs({ path, waiting: 40 });
    await createFamily(before.logs);
    for (let n = 1; n <= 60; n++) await before.logs.appendMessage(message(n));
    await before.logs.appendCommit(commit(61, 0, { deliveries: [welcomeFor(BOB)] }));
    await before.logs.appendMessage(message(62, { epoch: 1 }));
    await before.logs.close();

    const after = createSqliteLogs({ path });
    expect((await readAll(after.logs, 1)).map((entry) => entry.seq)).toEqual(
      Array.from({ length: 62 }, (_, n) => n + 1),
    );
    expect(await after.logs.appendMessage(message(7))).toMatchObject({ seq: 7, again: true });
    expect(await after.logs.appendCommit(commit(61, 0, { deliveries: [welcomeFor(BOB)] }))).toMatchObject({
      seq: 61,
      again: true,
    });
    expect(await after.inboxes.readItems(BOB, 0, 20_000)).toMatchObject({ items: [{ seq: 1 }] });
    expect(await after.logs.appendMessage(message(63, { epoch: 1 }))).toMatchObject({
      seq: 63,
      again: false,
    });
    await after.logs.close();
  });

  it('[STORE14] takes no entry twice when only some logs of a transaction were moved', async () => {
    const path = freshFile();
    const before = createSqliteLogs({ path, waiting: 0 });
    const other = { log: filled(32, 8) as LogId };
    await createFamily(before.logs);
    await before.logs.createLog({ ...other, tokenHash: hashOf(tokenOf(0)), entryDays: 30 });
    const numbers = Array.from({ length: 500 }, (_, n) => n + 1);
    const appends = numbers.flatMap((n) => [message(n), message(n, other)]);
    await Promise.all(appends.map((append) => before.logs.appendMessage(append)));
    await before.logs.close();
    const after = createSqliteLogs({ path });
    expect((await readAll(after.logs)).map((entry) => entry.seq)).toEqual(numbers);
    await after.logs.close();
  });

  it('[STORE35] lets few wait to be moved, however many come together', async () => {
    const path = freshFile();
    const { logs } = createSqliteLogs({ path, waiting: 500 });
    const names = Array.from({ length: 50 }, (_, n) => filled(32, n + 1) as LogId);
    for (const log of names) await logs.createLog({ log, tokenHash: hashOf(tokenOf(0)), entryDays: 30 });
    for (let batch = 0; batch < 6; batch++) {
      const appends = Array.from({ length: 2000 }, (_, n) =>
        message(2000 * batch + n, { log: names[n % names.length] as LogId }),
      );
      await Promise.all(appends.map((append) => logs.appendMessage(append)));
    }
    await logs.close();
    const db = new DatabaseSync(path);
    const { moved } = db.prepare('SELECT count(*) AS moved FROM entries').get() as { moved: number };
    db.close();
    expect(12_000 - moved).toBeLessThan(600);
  });

  it('[STORE15] holds no access token, and no body that expired', async () => {
    const path = freshFile();
    const { logs } = createSqliteLogs({ path });
    await createFamily(logs);
    const body = Buffer.from('sealed bytes that shall be forgotten');
    await logs.appendMessage(message(1, { body }));
    await logs.appendMessage(message(2));
    expect(holds(body)).toBe(true);
    await logs.expireEntries(NOON + 40 * 24 * 3600 * 1000);
    await logs.close();
    expect(holds(body)).toBe(false);
    expect(holds(tokenOf(0))).toBe(false);

    function holds(bytes: Uint8Array): boolean {
      return readdirSync(folder)
        .filter((name) => join(folder, name).startsWith(path))
        .some((name) => readFileSync(join(folder, name)).includes(bytes));
    }
  });

  it('[STORE16] answers `unavailable` once it was closed', async () => {
    const { logs } = open();
    await createFamily(logs);
    const last = logs.appendMessage(message(1));
    await logs.close();
    expect(await last).toMatchObject({ ok: true, seq: 1 });
    expect(await logs.appendMessage(message(2))).toEqual({ ok: false, code: 'unavailable' });
  });
});

describe('sqlite: a full disk', () => {
  it('[STORE17] says `storage_full`, keeps what it acknowledged, and goes on when there is space', async () => {
    const path = freshFile();
    const small = createSqliteLogs({ path, maxPages: 100, waiting: 5 });
    await createFamily(small.logs);
    const acknowledged: number[] = [];
    let refused = 0;
    for (let n = 1; n <= 60; n++) {
      const outcome = await small.logs.appendMessage(message(n, { body: filled(16_000, n) }));
      if (outcome.ok) acknowledged.push(n);
      else {
        expect(outcome.code).toBe('storage_full');
        refused += 1;
      }
    }
    expect(acknowledged.length).toBeGreaterThan(5);
    expect(refused).toBeGreaterThan(20);
    const adding = commit(70, 0, { body: filled(16_000, 1), deliveries: [welcomeFor(BOB)] });
    expect(await small.logs.appendCommit(adding)).toEqual({ ok: false, code: 'storage_full' });
    expect(await small.inboxes.readItems(BOB, 0, 20_000)).toEqual({ ok: true, items: [] });
    expect((await readAll(small.logs)).map((entry) => entry.body[0])).toEqual(acknowledged);

    await small.logs.expireEntries(NOON + 40 * 24 * 3600 * 1000);
    const later = message(80, { body: filled(16_000, 80) });
    const goes = { ok: true, seq: acknowledged.length + 1 };
    expect(await small.logs.appendMessage(later)).toMatchObject(goes);
    await small.logs.close();

    const roomy = createSqliteLogs({ path });
    expect(await roomy.logs.appendMessage(later)).toMatchObject({ ...goes, again: true });
    expect(await roomy.logs.appendCommit(adding)).toMatchObject({ ok: true, seq: acknowledged.length + 2 });
    await roomy.logs.close();
  });
});
