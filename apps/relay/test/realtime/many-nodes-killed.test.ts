import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createUnheardHints } from '../../src/realtime/hints.ts';
import { createMongoLogs } from '../../src/store/mongodb/logs.ts';
import { createMongoNews } from '../../src/store/mongodb/news.ts';
import * as stores from '../store/log-store-contract.ts';
import { dropTestDatabase, freshName, MONGO_URI, openTestMongo } from '../store/mongodb/mongo.ts';
import { ALICE, BOB, CAROL, entryId, FAMILY, openHouse, session, sha256, tokenOf } from './live-relay.ts';
import { startTestRedis } from './nodes.ts';
import { Reader, type World, Writer } from './wanderer.ts';

const redis = await startTestRedis();
afterAll(async () => redis?.stop());

const NODE = fileURLToPath(new URL('./live-node.ts', import.meta.url));
const KILLS = 3;
/** Acknowledged between one kill and the next. */
const LIFE = 15;

describe.skipIf(MONGO_URI === undefined)('relays that are killed', () => {
  let database: string;
  const running: { readonly process: ChildProcess; readonly origin: string }[] = [];
  beforeEach(() => {
    database = freshName();
  });
  afterEach(async () => {
    for (const node of running.splice(0)) node.process.kill('SIGKILL');
    await dropTestDatabase(database);
  });

  async function start(world: World, redisUrl: string): Promise<void> {
    const process = fork(NODE, [MONGO_URI ?? '', database, redisUrl]);
    const [origin] = (await once(process, 'message')) as [string];
    running.push({ process, origin });
    world.origins.push(origin);
  }

  /** Waits for acks, kills the oldest node, and starts another before. */
  async function killAgainAndAgain(world: World, redisUrl: string, told: () => unknown[]): Promise<void> {
    for (let kill = 0; kill < KILLS; kill++) {
      await start(world, redisUrl);
      const before = told().length;
      const more = () => expect(told().length).toBeGreaterThan(before + LIFE);
      await vi.waitFor(more, { timeout: 60_000, interval: 5 });
      world.origins.shift();
      const [victim] = running.splice(0, 1);
      victim?.process.kill('SIGKILL');
    }
  }

  async function tellStory(redisUrl: string): Promise<void> {
    const world: World = { origins: [], over: false };
    const db = await openTestMongo(database);
    const { logs } = createMongoLogs(db, { random: randomBytes });
    await logs.createLog({ log: FAMILY as never, tokenHash: sha256(tokenOf(0)) as never, entryDays: 30 });
    for (let n = 0; n < 3; n++) await start(world, redisUrl);
    const writers = [new Writer(world, ALICE), new Writer(world, BOB)];
    const readers = [CAROL, session(50), session(60)].map((who) => new Reader(world, who));
    const working = Promise.all(writers.map((writer, n) => writer.write(1 + 1_000_000 * n)));
    const following = Promise.all(readers.map((reader) => reader.follow()));
    const told = () => writers.flatMap((writer) => writer.acknowledged);
    await killAgainAndAgain(world, redisUrl, told);
    world.over = true;
    await working;
    const last = Math.max(...told().map(({ seq }) => seq));
    for (const reader of readers) {
      const all = () => expect(reader.entries.length).toBeGreaterThanOrEqual(last);
      await vi.waitFor(all, { timeout: 20_000 });
    }
    for (const person of [...writers, ...readers]) person.goHome();
    await following;
    check(readers, writers);
    await logs.close();
    await db.close();
    console.log(`${KILLS} kills: ${told().length} acknowledged`);
  }

  it.skipIf(redis === undefined)(
    '[LOG27] people go on at another: nothing is lost, doubled or out of order',
    () => tellStory(redis?.url ?? ''),
    180_000,
  );

  it('[LOG27] and so they do without Redis', () => tellStory(''), 180_000);

  it('[LOG22] a Welcome that a killed relay left in its commit comes to a device at another', async () => {
    const db = await openTestMongo(database);
    const made = createMongoLogs(db, { random: randomBytes });
    const shared = { ...made, news: createMongoNews(db), hints: createUnheardHints() };
    const house = openHouse({ shared, clock: () => stores.NOON });
    await made.logs.createLog({
      log: stores.FAMILY,
      tokenHash: stores.hashOf(stores.tokenOf(0)),
      entryDays: 30,
    });
    await made.logs.appendMessage(stores.message(1));
    const bob = await house.connect({ ...stores.BOB, id: entryId(9) } as never);
    expect(await bob.ask('inbox:read', { after: 0 })).toMatchObject({ ok: true });
    const crashing = fileURLToPath(new URL('../store/mongodb/crash-node.ts', import.meta.url));
    const [code, signal] = await once(fork(crashing, [MONGO_URI ?? '', database, 'inserted']), 'exit');
    expect([code, signal]).toEqual([null, 'SIGKILL']);
    await vi.waitFor(() => expect(bob.inboxSeqs).toEqual([1]), { timeout: 10_000 });
    house.connections.stop();
    await made.logs.close();
    await db.close();
  });
});

function check(readers: readonly Reader[], writers: readonly Writer[]): void {
  for (const { failures } of readers) expect(failures).toEqual([]);
  const [first] = readers;
  const all = first?.entries ?? [];
  const idAt = new Map(all.map((entry) => [entry.seq, Buffer.from(entry.id).toString('hex')]));
  expect(new Set(idAt.values()).size).toBe(all.length);
  for (const { entries, gaps } of readers) {
    expect(gaps).toBe(0);
    expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, place) => place + 1));
    for (const { seq, id } of entries.slice(0, all.length))
      expect(Buffer.from(id).toString('hex')).toBe(idAt.get(seq));
  }
  for (const { n, seq } of writers.flatMap((writer) => writer.acknowledged)) {
    expect(idAt.get(seq)).toBe(Buffer.from(entryId(n)).toString('hex'));
  }
  let epoch = 0;
  for (const entry of all) {
    expect(entry.epoch).toBe(epoch);
    if (entry.kind === 'commit') epoch += 1;
  }
  expect(epoch).toBeGreaterThan(3);
}
