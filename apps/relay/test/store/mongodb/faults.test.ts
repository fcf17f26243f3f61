import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { LIMITS } from '@sotto/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { StoredEntry } from '../../../src/store/log-store.ts';
import { type MongoDatabase, openMongo } from '../../../src/store/mongodb/database.ts';
import { createMongoLogs, type MongoLogs } from '../../../src/store/mongodb/logs.ts';
import { BOB, FAMILY, hashOf, message, tokenOf } from '../log-store-contract.ts';
import type { Acknowledged } from './load-node.ts';
import { dropTestDatabase, freshName, MONGO_URI, openTestMongo } from './mongo.ts';

const LOADED = new URL('./load-node.ts', import.meta.url);
const KILLS = 6;
/** Times that the connections are cut, each at another moment of a write. */
const ROUNDS = 4;

describe.skipIf(MONGO_URI === undefined)('mongodb under faults', () => {
  let database: string;
  let db: MongoDatabase;
  let node: MongoLogs;
  beforeEach(async () => {
    database = freshName();
    db = await openTestMongo(database);
    node = createMongoLogs(db, { random: randomBytes });
    await node.logs.createLog({ log: FAMILY, tokenHash: hashOf(tokenOf(0)), entryDays: 30 });
  });
  afterEach(async () => {
    await node.logs.close();
    await db.close();
    await dropTestDatabase(database);
  });

  const read = async (epoch: number, after: number) => {
    const shownHash = hashOf(tokenOf(epoch));
    const run = await node.logs.readEntries({
      log: FAMILY,
      epoch,
      shownHash,
      after,
      limit: LIMITS.runEntries,
    });
    if (!run.ok) throw new Error(run.code);
    return run;
  };
  const readAll = async (): Promise<StoredEntry[]> => {
    const entries: StoredEntry[] = [];
    for (let epoch = 0; ; ) {
      const { entries: more, head } = await read(epoch, entries.length);
      entries.push(...more);
      if (entries.length === head.seq && head.epoch === epoch) return entries;
      if (entries.length === head.seq) epoch = head.epoch;
    }
  };

  it('[STORE42] an insert that the database keeps is given up in time, and what waited behind it goes on', async () => {
    const kept: (() => void)[] = [];
    let keeps = true;
    const insertMany = async (...what: Parameters<typeof db.entries.insertMany>) => {
      const hold = keeps;
      keeps = false;
      if (hold) await new Promise<void>((resolve) => kept.push(resolve));
      return db.entries.insertMany(...what);
    };
    const entries = new Proxy(db.entries, {
      get(target, name) {
        const value = Reflect.get(target, name);
        if (name === 'insertMany') return insertMany;
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const slow = createMongoLogs({ ...db, entries }, { random: randomBytes, deadlineMs: 300 });
    const first = slow.logs.appendMessage(message(1));
    await vi.waitFor(() => expect(kept).toHaveLength(1));
    const second = slow.logs.appendMessage(message(2));
    expect(await first).toEqual({ ok: false, code: 'unavailable' });
    // It waited behind the first, and may have been given up with it.
    await second;
    expect(await slow.logs.appendMessage(message(2))).toMatchObject({ ok: true, seq: 1 });
    // Now the first comes after all: too late for its place, and its sender sends it again.
    for (const release of kept) release();
    expect(await slow.logs.appendMessage(message(1))).toMatchObject({ ok: true, seq: 2 });
    await slow.logs.close();
    expect((await readAll()).map(({ seq, id }) => [seq, ...id.slice(-1)])).toEqual([
      [1, 2],
      [2, 1],
    ]);
  });

  it('[STORE14] nodes killed under load again and again lose, double and reorder nothing they acknowledged', async () => {
    const told: Acknowledged[] = [];
    let onTold = () => {};
    const start = (life: number): ChildProcess => {
      const first = String(1_000_000 * (life + 1));
      const child = fork(LOADED, [MONGO_URI ?? '', database, first], { execArgv: [] });
      child.on('message', (ack: Acknowledged) => {
        told.push(ack);
        onTold();
      });
      return child;
    };
    // Two at a time on one log; the older one is killed.
    const living = [start(0)];
    for (let life = 1; life <= KILLS; life++) {
      living.push(start(life));
      const enough = told.length + 10 + Math.floor(Math.random() * 20);
      await new Promise<void>((resolve) => {
        onTold = () => told.length >= enough && resolve();
      });
      const victim = living.shift();
      victim?.kill('SIGKILL');
      if (victim !== undefined) await once(victim, 'close');
    }
    for (const child of living) {
      child.kill('SIGKILL');
      await once(child, 'close');
    }

    const entries = await readAll();
    expect(entries.map((entry) => entry.seq)).toEqual(entries.map((_, n) => n + 1));
    const seqById = new Map(entries.map((entry) => [Buffer.from(entry.id).toString('hex'), entry.seq]));
    expect(seqById.size).toBe(entries.length);
    for (const { n, seq } of told) expect(seqById.get(Buffer.from(message(n).id).toString('hex'))).toBe(seq);
    const commits = entries.filter((entry) => entry.kind === 'commit');
    const welcomes = await node.inboxes.readItems(BOB, 0, 20_000);
    expect(welcomes.ok && welcomes.items.map((item) => item.body[0]).sort()).toEqual(
      commits.map((entry) => new DataView(entry.id.buffer, entry.id.byteOffset).getUint32(12) % 251).sort(),
    );
    console.info(
      `${KILLS + 1} kills: ${told.length} acknowledged, ${entries.length} in the log, ${commits.length} commits`,
    );
  }, 120_000);

  it('[STORE18] a node whose connections are cut says `unavailable` or tells the truth, and a retry lands once', async () => {
    const cable = await layCable(MONGO_URI ?? '');
    const far = await openMongo({ uri: cable.uri, database, ttl: false, patienceMs: 500 });
    const { logs } = createMongoLogs(far, { random: randomBytes });
    const known = new Map<number, number>();
    const unsure = new Set<number>();
    for (let round = 0; round < ROUNDS; round++) {
      const ids = Array.from({ length: 40 }, (_, n) => 100 * round + n + 1);
      const appends = ids.map(async (n) => {
        const outcome = await logs.appendMessage(message(n));
        if (outcome.ok) known.set(n, outcome.seq);
        else expect(outcome).toEqual({ ok: false, code: 'unavailable' });
        if (!outcome.ok) unsure.add(n);
      });
      // A node that has not found its way back yet sends nothing, and says so.
      await Promise.race([cable.passed(1 + round * 2000), Promise.all(appends)]);
      cable.cut();
      await Promise.all([...appends, node.logs.appendMessage(message(90_000 + round))]);
      cable.mend();
    }
    for (const n of [...known.keys(), ...unsure]) {
      const outcome = await node.logs.appendMessage(message(n));
      if (!outcome.ok) throw new Error(outcome.code);
      if (known.has(n)) expect(outcome).toMatchObject({ seq: known.get(n), again: true });
    }
    expect(unsure.size).toBeGreaterThan(0);
    const entries = await readAll();
    expect(entries.map((entry) => entry.seq)).toEqual(Array.from({ length: ROUNDS * 41 }, (_, n) => n + 1));
    await logs.close();
    await far.close();
    await cable.close();
  }, 60_000);
});

/** A connection to the server that can be cut. */
async function layCable(uri: string) {
  const [host = '127.0.0.1', port = '27017'] = new URL(uri).host.split(':');
  const open = new Set<Socket>();
  let isCut = false;
  let count = 0;
  let notify = () => {};
  const server = createServer((near) => {
    if (isCut) return near.destroy();
    const far = connect(Number(port), host);
    for (const socket of [near, far]) {
      open.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => open.delete(socket));
    }
    near.on('data', (chunk) => {
      count += chunk.length;
      notify();
    });
    near.pipe(far);
    far.pipe(near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: own } = server.address() as AddressInfo;
  return {
    uri: `mongodb://127.0.0.1:${own}/?directConnection=true`,
    /** Resolves when so many bytes more went to the server. */
    passed(bytes: number): Promise<void> {
      const enough = count + bytes;
      return new Promise((resolve) => {
        notify = () => count >= enough && resolve();
        notify();
      });
    },
    cut() {
      isCut = true;
      for (const socket of open) socket.destroy();
    },
    mend() {
      isCut = false;
    },
    async close() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
