import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { LIMITS } from '@sotto/protocol';
import { MongoClient } from 'mongodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Appended, StoredEntry } from '../../../src/store/log-store.ts';
import { createMongoAccountStores } from '../../../src/store/mongodb/account-stores.ts';
import type { MongoDatabase } from '../../../src/store/mongodb/database.ts';
import { createMongoLogs, type MongoLogs } from '../../../src/store/mongodb/logs.ts';
import { sessionOf } from '../accounts/values.ts';
import {
  BOB,
  commit,
  FAMILY,
  filled,
  hashOf,
  message,
  NOON,
  tokenOf,
  welcomeFor,
} from '../log-store-contract.ts';
import { dropTestDatabase, freshName, MONGO_URI, openTestMongo } from './mongo.ts';
import { addBobAndCarol, CAROL } from './stories.ts';

interface Node extends MongoLogs {
  readonly db: MongoDatabase;
}

const TODAY = 20_000;
const KILLABLE = new URL('./crash-node.ts', import.meta.url);

describe.skipIf(MONGO_URI === undefined)('several nodes on one database', () => {
  let database: string;
  let nodes: Node[];
  let east: Node;
  let west: Node;

  const openNode = async (): Promise<Node> => {
    const db = await openTestMongo(database);
    const node = { ...createMongoLogs(db, { random: randomBytes }), db };
    nodes.push(node);
    return node;
  };
  beforeEach(async () => {
    database = freshName();
    nodes = [];
    east = await openNode();
    west = await openNode();
    await east.logs.createLog({ log: FAMILY, tokenHash: hashOf(tokenOf(0)), entryDays: 30 });
  });
  afterEach(async () => {
    for (const node of nodes) {
      await node.logs.close();
      await node.db.close();
    }
    await dropTestDatabase(database);
  });

  const read = async (node: Node, epoch: number, after = 0): Promise<readonly StoredEntry[]> => {
    const shownHash = hashOf(tokenOf(epoch));
    const outcome = await node.logs.readEntries({
      log: FAMILY,
      epoch,
      shownHash,
      after,
      limit: LIMITS.runEntries,
    });
    if (!outcome.ok) throw new Error(outcome.code);
    return outcome.entries;
  };
  const itemsOf = async (node: Node, who: typeof BOB) => {
    const outcome = await node.inboxes.readItems(who, 0, TODAY);
    if (!outcome.ok) throw new Error(outcome.code);
    return outcome.items.map(({ seq, body }) => [seq, body[0]]);
  };
  /** A process of its own that ends in the middle of its work. */
  const killNodeAt = async (step: string, times = 1) => {
    const child = fork(KILLABLE, [MONGO_URI ?? '', database, step, String(times)], { execArgv: [] });
    const [code, signal] = await once(child, 'exit');
    expect({ code, signal }).toEqual({ code: null, signal: 'SIGKILL' });
  };

  it('[STORE18] keeps one order without a gap when both append at once, and both read the same', async () => {
    const append = async (node: Node, first: number) =>
      Promise.all(Array.from({ length: 150 }, (_, n) => node.logs.appendMessage(message(first + n))));
    let racing = true;
    const watching = (async () => {
      let seen: readonly number[] = [];
      while (racing) {
        seen = (await read(west, 0)).map((entry) => entry.seq);
        expect(seen).toEqual(seen.map((_, n) => n + 1));
      }
      return seen.length;
    })();
    const outcomes = (await Promise.all([append(east, 1000), append(west, 2000)])).flat();
    racing = false;
    await watching;
    const seqs = outcomes.map((outcome) => (outcome.ok ? outcome.seq : outcome.code));
    expect([...seqs].sort((a, b) => Number(a) - Number(b))).toEqual(seqs.map((_, n) => n + 1));
    const entries = await read(east, 0);
    expect(entries.map((entry) => entry.seq)).toEqual(seqs.map((_, n) => n + 1));
    expect(await read(west, 0)).toEqual(entries);
    for (const node of [0, 150]) {
      const own = seqs.slice(node, node + 150);
      expect(own).toEqual([...own].sort((a, b) => Number(a) - Number(b)));
    }
  });

  it('[STORE18] leaves no gap where an id in the middle of a run is refused', async () => {
    await west.logs.appendMessage(message(5));
    await east.logs.appendMessage(message(100));
    const run = await Promise.all([101, 5, 102, 103].map((n) => east.logs.appendMessage(message(n))));
    expect(run.map((outcome) => outcome.ok && [outcome.seq, outcome.again])).toEqual([
      [3, false],
      [1, true],
      [4, false],
      [5, false],
    ]);
    expect((await read(west, 0)).map((entry) => entry.seq)).toEqual([1, 2, 3, 4, 5]);
  });

  it('[STORE18] lets one commit win each epoch, and no entry into an epoch that ended', async () => {
    const won: Appended[] = [];
    for (let epoch = 0; epoch < 8; epoch++) {
      const base = 10_000 * (epoch + 1);
      const race = (node: Node, from: number) =>
        Promise.all([
          node.logs.appendMessage(message(from, { epoch })),
          node.logs.appendCommit(commit(from + 1, epoch, { deliveries: [welcomeFor(BOB, epoch)] })),
          node.logs.appendMessage(message(from + 2, { epoch })),
        ]);
      const outcomes = await Promise.all([race(east, base), race(west, base + 100)]);
      const commits = outcomes.map(([, outcome]) => outcome);
      const winner = commits.filter((outcome) => outcome.ok);
      expect(winner).toHaveLength(1);
      expect(commits).toContainEqual({
        ok: false,
        code: 'epoch_moved',
        head: { epoch: epoch + 1, seq: winner[0]?.seq },
      });
      won.push(...winner);
    }
    const entries = await read(west, 8);
    expect(entries.map((entry) => entry.seq)).toEqual(entries.map((_, n) => n + 1));
    let epoch = 0;
    for (const entry of entries) {
      expect(entry.epoch).toBe(epoch);
      if (entry.kind === 'commit') epoch += 1;
    }
    expect(epoch).toBe(8);
    expect(won.map((commit) => commit.seq)).toEqual(
      entries.filter((entry) => entry.kind === 'commit').map((entry) => entry.seq),
    );
    expect(await itemsOf(east, BOB)).toEqual(won.map((commit, n) => [commit.delivered[0], n]));
  });

  it('[STORE6] takes one of two same requests that come to two nodes', async () => {
    for (let n = 1; n <= 20; n++) {
      const outcomes = await Promise.all([east, west].map((node) => node.logs.appendMessage(message(n))));
      expect(outcomes).toMatchObject([
        { ok: true, seq: n },
        { ok: true, seq: n },
      ]);
      expect(outcomes.filter((outcome) => outcome.ok && !outcome.again)).toHaveLength(1);
    }
    const elsewhere = await west.logs.appendMessage(message(7, { body: filled(20, 99) }));
    expect(elsewhere).toEqual({ ok: false, code: 'id_conflict' });
    expect((await read(east, 0)).map((entry) => entry.seq)).toEqual(
      Array.from({ length: 20 }, (_, n) => n + 1),
    );
  });

  it('[STORE4] a node learns from the next request of epochs that another one opened', async () => {
    await west.logs.appendMessage(message(1));
    await east.logs.appendCommit(commit(2, 0));
    await east.logs.appendCommit(commit(3, 1));
    expect(await west.logs.appendMessage(message(4, { epoch: 2 }))).toMatchObject({ ok: true, seq: 4 });
    expect(await west.logs.appendMessage(message(5))).toMatchObject({ head: { epoch: 1, seq: 2 } });
  });

  it('[STORE11] never gives one place of an inbox to two items, and keeps to its size', async () => {
    const leave = (node: Node) =>
      Promise.all(Array.from({ length: 15 }, () => node.inboxes.appendItem(welcomeFor(BOB), TODAY)));
    const outcomes = (await Promise.all([leave(east), leave(west)])).flat();
    const places = outcomes.map((outcome) => (outcome.ok ? outcome.seq : 0)).sort((a, b) => a - b);
    expect(places).toEqual(places.map((_, n) => n + 1));
  });

  describe('one is killed in the middle of a commit', () => {
    it('[STORE19] before it is written: neither the commit nor a Welcome is there', async () => {
      await killNodeAt('judged');
      expect(await itemsOf(east, BOB)).toEqual([]);
      expect(await read(east, 0)).toEqual([]);
      expect(await east.logs.appendCommit(addBobAndCarol())).toMatchObject({
        ok: true,
        seq: 1,
        again: false,
      });
    });

    it.each([
      ['when it is written', 'inserted', 1],
      ['between two Welcomes', 'delivered', 1],
      ['behind the last Welcome', 'delivered', 2],
      ['when all is done', 'settled', 1],
    ])('[STORE19] %s: every Welcome is there, once, whoever looks', async (_when, step, times) => {
      await killNodeAt(step, times);
      const seen = await Promise.all(
        [east, west].flatMap((node) => [itemsOf(node, BOB), itemsOf(node, CAROL)]),
      );
      expect(seen).toEqual([[[1, 7]], [[1, 8]], [[1, 7]], [[1, 8]]]);
      await Promise.all([east.recover(), west.recover()]);
      expect(await itemsOf(west, BOB)).toEqual([[1, 7]]);
      expect((await read(west, 1)).map((entry) => entry.kind)).toEqual(['commit']);
      expect(await west.logs.appendCommit(addBobAndCarol())).toMatchObject({ ok: true, seq: 1, again: true });
      expect(await west.logs.appendMessage(message(3, { epoch: 1 }))).toMatchObject({ ok: true, seq: 2 });
    });

    it('[STORE19] a Welcome that its device trimmed meanwhile does not come back', async () => {
      await killNodeAt('delivered', 1);
      const bobs = await openNode();
      await bobs.inboxes.trimItems(BOB, 1);
      await west.recover();
      expect(await itemsOf(west, BOB)).toEqual([]);
      expect(await itemsOf(west, CAROL)).toEqual([[1, 8]]);
      expect(await west.inboxes.appendItem(welcomeFor(BOB), TODAY)).toEqual({ ok: true, seq: 2 });
    });
  });

  it('[STORE20] ties no inbox to a log once its Welcomes are delivered, and keeps no time of an item', async () => {
    await east.logs.appendCommit(addBobAndCarol());
    const client = new MongoClient(MONGO_URI ?? '', { promoteBuffers: true });
    const entries = await client.db(database).collection('log_entries').find().toArray();
    const items = await client.db(database).collection('inbox_items').find().toArray();
    await client.close();
    expect(entries.map((entry) => Object.keys(entry).sort().join())).toEqual([
      '_id,days,digest,epoch,id,kind,log,opens,seq,time,tokenHash',
      '_id,body,digest,epoch,expiresAt,id,keepUntil,kind,log,opens,seq,time,tokenHash',
    ]);
    expect(items.map((item) => Object.keys(item).sort().join())).toEqual(
      Array.from({ length: 2 }, () => '_id,body,expiryDay,inbox,keepUntil,seq'),
    );
    const stored = Buffer.concat(entries.flatMap((entry) => Object.values(entry).filter(isBytes)));
    expect(stored.includes(BOB.device)).toBe(false);
    expect(stored.includes(tokenOf(0))).toBe(false);
    for (const item of items) {
      const key = Buffer.from(item._id as unknown as Uint8Array);
      expect(stored.includes(key)).toBe(false);
      expect((item.keepUntil as Date).getTime() % (24 * 3600 * 1000)).toBe(0);
    }

    function isBytes(value: unknown): value is Uint8Array {
      return value instanceof Uint8Array;
    }
  });

  it('[STORE10] forgets on every node when two sweep at once, and goes on counting', async () => {
    for (let n = 1; n <= 30; n++) await east.logs.appendMessage(message(n));
    const later = NOON + 31 * 24 * 3600 * 1000;
    await Promise.all([east.logs.expireEntries(later), west.logs.expireEntries(later)]);
    expect(await read(west, 0)).toEqual([]);
    expect(await west.logs.appendMessage(message(5))).toMatchObject({ ok: true, seq: 5, again: true });
    await west.logs.expireEntries(NOON + 61 * 24 * 3600 * 1000);
    const fresh = await openNode();
    expect(await fresh.logs.appendMessage(message(31))).toMatchObject({ ok: true, seq: 31 });
  });

  it('[STORE16] answers `unavailable` once it was closed, and finishes what was asked before', async () => {
    const node = await openNode();
    const last = node.logs.appendMessage(message(1));
    await node.logs.close();
    expect(await last).toMatchObject({ ok: true, seq: 1 });
    expect(await node.logs.appendMessage(message(2))).toEqual({ ok: false, code: 'unavailable' });
    expect(await node.inboxes.readItems(BOB, 0, TODAY)).toEqual({ ok: false, code: 'unavailable' });
  });

  it('[HTTP11] gives a one-time KeyPackage to one of two nodes that claim at once', async () => {
    const shelves = [east, west].map((node) => createMongoAccountStores(node.db).keyPackages);
    const oneTime = Array.from({ length: 20 }, (_, n) => filled(50, n));
    await shelves[0]?.publish({ ...BOB, oneTime, lastResort: undefined });
    const claims = await Promise.all(
      Array.from({ length: 30 }, (_, n) => shelves[n % 2]?.claim(BOB.account, [BOB.device])),
    );
    const given = claims.flatMap((claim) => claim?.map(({ keyPackage }) => keyPackage[0]) ?? []);
    expect([...given].sort((a, b) => Number(a) - Number(b))).toEqual(oneTime.map((_, n) => n));
  });

  it('[AUTH9] lets one of two nodes swap a pair, and the other one void it or find it void', async () => {
    const [one, two] = [east, west].map((node) => createMongoAccountStores(node.db).sessions);
    await one?.open(sessionOf(60));
    const swap = (next: number) => ({
      shown: sessionOf(60).refreshHash,
      next: filled(32, next),
      now: 0,
    });
    const outcomes = await Promise.all([one?.rotate(swap(70)), two?.rotate(swap(71))]);
    expect(outcomes.map((rotation) => rotation?.outcome)).toEqual(['rotated', 'rotated']);
    const alive = await Promise.all(
      [70, 71].map((hash) => two?.confirm(sessionOf(60).id, filled(32, hash), 0)),
    );
    expect([...alive].sort()).toEqual([false, true]);
  });
});
