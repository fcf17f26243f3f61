import { afterEach, beforeEach, expect, it } from 'vitest';
import { COUNTER_MIGRATIONS, createSqliteCounters } from '../../src/store/sqlite/counters.ts';
import { type Database, openDatabase } from '../../src/store/sqlite/database.ts';
import { createLooseTurns } from '../../src/store/sqlite/loose-turns.ts';

// What needs not wait for the disk, beside what must.

const SYNCHRONOUS = { normal: 1, full: 2 };

let db: Database;
beforeEach(() => {
  const migrations = [...COUNTER_MIGRATIONS, { name: 'tally-1', sql: 'CREATE TABLE tally (turn INTEGER)' }];
  db = openDatabase({ path: ':memory:', migrations });
});
afterEach(() => db.close());

/** How far a write waits here and now. */
const readWait = () => db.get('PRAGMA synchronous')?.synchronous;

it('[STORE40] a counter does not wait for the disk, and all that comes behind it does', async () => {
  const counters = createSqliteCounters(db);
  expect(db.looseTransaction(readWait)).toBe(SYNCHRONOUS.normal);
  expect(readWait()).toBe(SYNCHRONOUS.full);
  await counters.add('alice', 10, 0);
  expect(db.transaction(readWait)).toBe(SYNCHRONOUS.full);
  await counters.forget('alice');
  expect(readWait()).toBe(SYNCHRONOUS.full);
});

it('[STORE40] what only reads behind a counter leaves the next one as quick', async () => {
  const counters = createSqliteCounters(db);
  await counters.add('alice', 10, 0);
  expect(await counters.read('alice', 0)).toMatchObject({ count: 1 });
  expect(db.looseTransaction(readWait)).toBe(SYNCHRONOUS.normal);
});

it('[STORE40] a transaction that fails while nothing waits lets the next one wait', () => {
  expect(() =>
    db.looseTransaction(() => {
      throw new Error('of a story');
    }),
  ).toThrow('of a story');
  expect(db.transaction(readWait)).toBe(SYNCHRONOUS.full);
});

it('[STORE40] changes of one turn happen together: of those with one that fails, none', async () => {
  const change = createLooseTurns(db);
  const add = (turn: number) => change(() => db.run('INSERT INTO tally (turn) VALUES (?)', turn).changes);
  const fail = () => change(() => db.run('INSERT INTO nowhere (turn) VALUES (1)'));
  const outcomes = await Promise.allSettled([add(1), fail(), add(1)]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(await Promise.all([add(2), add(2)])).toEqual([1, 1]);
  expect(db.all('SELECT turn FROM tally').map(({ turn }) => turn)).toEqual([2, 2]);
});
