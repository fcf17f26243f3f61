import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openSqliteStores } from '@sotto/relay/testing';
import { describe, expect, it } from 'vitest';
import {
  accountOf,
  conversationOf,
  hears,
  linesOf,
  openWith,
  register,
  say,
  signIn,
} from '../simulation/harness.ts';
import { deviceOf, joinedWith, setStage, settle, startTalk } from './people.ts';

describe('the promises, in Node', () => {
  it('[P1] the whole SQLite store holds no plaintext and no password, and no row joins a person and a conversation', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sotto-evil-'));
    const stores = openSqliteStores(folder);
    const scene = await setStage({ relay: { stores } });
    const { world, evil } = scene;
    const [alice, bob] = [world.device('alice'), world.device('bob')];
    for (const device of [alice, bob]) await register(world, device);
    const withBob = await openWith(alice, 'bob');
    await say(alice, withBob, 'the eagle lands at midnight');
    await hears(world, bob, accountOf(alice), 'the eagle lands at midnight');
    await say(bob, accountOf(alice), 'understood, burn after reading');
    await hears(world, alice, withBob, 'understood, burn after reading');
    await settle(scene);

    const log = Buffer.from(evil.requests('log:create')[0]?.request.log ?? []);
    await expectNoSecrets(folder, log);
    const people = [alice, bob].flatMap((device) => [accountOf(device), deviceOf(device)]);
    expectNobodyJoined(readAllRows(join(folder, 'logs.db')), log, people);
    await world.close();
    await stores.close();
    await rm(folder, { recursive: true });
  });

  it('[P3] a device that does join is a line that every member sees', async () => {
    const talk = await startTalk();
    const { world, alice, bob, withBob, withAlice } = talk;
    const phone = world.device('phone');
    await signIn(world, phone, 'bob');
    await bob.restart();
    await world.until('the phone is in', () => conversationOf(phone, withAlice) !== undefined);
    const line = joinedWith(phone);
    for (const [device, thread] of [
      [alice, withBob],
      [bob, withAlice],
    ] as const)
      await world.until(`${device.name} sees the line`, async () =>
        (await linesOf(device, thread)).some(({ kind, text }) => kind === 'notice' && text === line),
      );
    await say(alice, withBob, 'to both');
    await hears(world, phone, withAlice, 'to both');
  });
});

async function expectNoSecrets(folder: string, log: Buffer): Promise<void> {
  const files = await readdir(folder);
  expect(files.some((name) => name.endsWith('-wal'))).toBe(true);
  for (const file of files) {
    const bytes = await readFile(join(folder, file));
    if (file.startsWith('accounts')) expect(bytes.includes(log)).toBe(false);
    for (const secret of ['the eagle lands', 'burn after reading', 'correct horse battery'])
      for (const encoding of ['utf8', 'utf16le'] as const)
        expect(bytes.includes(Buffer.from(secret, encoding)), `${file}: ${secret}`).toBe(false);
  }
}

/** An inbox belongs to a device; what lies in it does not say which conversation it opens. Nothing else names anybody. */
function expectNobodyJoined(rows: readonly Row[], log: Buffer, people: readonly string[]): void {
  const names = (row: Row) => people.filter((hex) => row.bytes.includes(Buffer.from(hex, 'hex')));
  const ofInboxes = rows.filter(({ table }) => table.startsWith('inbox'));
  expect(rows.some((row) => row.bytes.includes(log))).toBe(true);
  expect(ofInboxes.flatMap(names).length).toBeGreaterThan(0);
  expect(ofInboxes.filter((row) => row.bytes.includes(log))).toEqual([]);
  expect(rows.filter((row) => !ofInboxes.includes(row)).flatMap(names)).toEqual([]);
}

interface Row {
  readonly table: string;
  readonly bytes: Buffer;
}

/** Every row of a database, its blobs one after the other. */
function readAllRows(path: string): Row[] {
  const db = new DatabaseSync(path, { readOnly: true });
  const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
  const rows = tables.flatMap(({ name }) =>
    db
      .prepare(`SELECT * FROM "${name}"`)
      .all()
      .map((row) => {
        const parts = Object.values(row).map((value) =>
          value instanceof Uint8Array ? Buffer.from(value) : Buffer.from(String(value)),
        );
        return { table: String(name), bytes: Buffer.concat(parts) };
      }),
  );
  db.close();
  return rows;
}
