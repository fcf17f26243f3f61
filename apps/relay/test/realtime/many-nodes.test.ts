import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Entry, type EntryId, LIMITS, type RequestOf } from '@sotto/protocol';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Hints } from '../../src/realtime/hints.ts';
import { connectRedis } from '../../src/store/redis/connection.ts';
import { encodeNodeMessage } from '../../src/store/redis/hint-messages.ts';
import { testSeal } from '../store/redis/seal.ts';
import {
  ALICE,
  append,
  BOB,
  CAROL,
  commit,
  createFamily,
  FAMILY,
  filled,
  NOON,
  seqsOf,
  session,
  settled,
  sha256,
  subscribe,
  tokenOf,
  welcomeFor,
} from './live-relay.ts';
import { deaf, hearOver, type Node, openNodes, startTestRedis } from './nodes.ts';

const redis = await startTestRedis();
afterAll(async () => redis?.stop());

let nodes: ReturnType<typeof openNodes>;
beforeEach(() => {
  nodes = openNodes();
});
afterEach(() => nodes.close());

const WAYS = {
  Redis: () => hearOver(redis?.url ?? ''),
  'reading alone': async () => deaf(),
};
const SOON = { timeout: 5000, interval: 5 };
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const hears = (node: Node) => vi.waitFor(() => expect(node.hints.reliable()).toBe(true), SOON);

describe.each(Object.keys(WAYS) as (keyof typeof WAYS)[])('many nodes, by %s', (way) => {
  const skip = way === 'Redis' && redis === undefined;
  async function openTwo(): Promise<[Node, Node]> {
    const two: [Node, Node] = [nodes.open(await WAYS[way]()), nodes.open(await WAYS[way]())];
    if (way === 'Redis') for (const node of two) await hears(node);
    return two;
  }

  it.skipIf(skip)('[LOG20] what alice appends at one node comes to bob at another', async () => {
    const [here, there] = await openTwo();
    const [alice, bob] = [await here.connect(ALICE), await there.connect(BOB)];
    await createFamily(alice);
    await bob.ask('log:subscribe', subscribe());
    for (const n of upTo(3)) {
      expect(await alice.ask('log:append', append(n))).toMatchObject({ ok: true, seq: n });
      await vi.waitFor(() => expect(bob.frames.flat()).toEqual(upTo(n)), SOON);
    }
  });

  it.skipIf(skip)(
    '[LOG20] people who write at both nodes are all read in one order, without a gap',
    async () => {
      const [here, there] = await openTwo();
      const [alice, bob] = [await here.connect(ALICE), await there.connect(BOB)];
      const readers = [await here.connect(CAROL), await there.connect(session(50))];
      await createFamily(alice);
      for (const reader of readers) await reader.ask('log:subscribe', subscribe());
      for (const n of upTo(40)) {
        const writes = [alice.ask('log:append', append(2 * n)), bob.ask('log:append', append(2 * n + 1))];
        if (n % 3 === 0) await Promise.all(writes);
      }
      for (const reader of readers) {
        await vi.waitFor(() => expect(reader.frames.flat().length).toBeGreaterThanOrEqual(80), SOON);
        expect(reader.frames.flat()).toEqual(upTo(80));
      }
    },
  );

  it.skipIf(skip)('[LOG20] the commit that ends an epoch ends it at every node', async () => {
    const [here, there] = await openTwo();
    const [alice, bob] = [await here.connect(ALICE), await there.connect(BOB)];
    await createFamily(alice);
    await bob.ask('log:subscribe', subscribe());
    await alice.ask('log:append', append(1));
    await alice.ask('log:commit', commit(2, 0));
    await alice.ask('log:append', append(3, 1));
    await vi.waitFor(() => expect(bob.frames.flat()).toEqual([1, 2]), SOON);
    expect(seqsOf(await bob.ask('log:subscribe', subscribe(1, 2)))).toEqual([3]);
    await alice.ask('log:append', append(4, 1));
    await vi.waitFor(() => expect(bob.frames.flat()).toEqual([1, 2, 4]), SOON);
  });

  it.skipIf(skip)('[LOG20] who subscribes while others write misses nothing', async () => {
    const [here, there] = await openTwo();
    const alice = await here.connect(ALICE);
    const carol = await there.connect(CAROL);
    await createFamily(alice);
    await carol.ask('log:subscribe', subscribe());
    for (let round = 0; round < 10; round++) {
      const bob = await there.connect(session(100 + round));
      const sending = Promise.all(upTo(4).map((n) => alice.ask('log:append', append(10 * round + n))));
      await Promise.all(Array.from({ length: round % 5 }, () => Promise.resolve()));
      const answer = await bob.ask('log:subscribe', subscribe(0, 4 * round));
      await sending;
      const all = upTo(4).map((n) => 4 * round + n);
      await vi.waitFor(() => expect([...seqsOf(answer), ...bob.frames.flat()]).toEqual(all), SOON);
      bob.close();
    }
    await vi.waitFor(() => expect(carol.frames.flat()).toEqual(upTo(40)), SOON);
  });

  it.skipIf(skip)('[LOG22] a Welcome laid down at one node comes to its device at another', async () => {
    const [here, there] = await openTwo();
    const [alice, bob] = [await here.connect(ALICE), await there.connect(BOB)];
    await createFamily(alice);
    await bob.ask('inbox:read', { after: 0 });
    await alice.ask('log:commit', commit(1, 0, [welcomeFor(BOB)]));
    await vi.waitFor(() => expect(bob.inboxSeqs).toEqual([1]), SOON);
    await alice.ask('inbox:append', welcomeFor(BOB));
    await vi.waitFor(() => expect(bob.inboxSeqs).toEqual([1, 2]), SOON);
  });
});

describe('many nodes', () => {
  const skip = redis === undefined;
  const openHearing = async () => {
    const node = nodes.open(await WAYS.Redis());
    await hears(node);
    return node;
  };

  it.skipIf(skip)('[LOG21] however many hints come, a log is read once for all of them', async () => {
    const [here, there] = [await openHearing(), await openHearing()];
    const [alice, bob] = [await here.connect(ALICE), await there.connect(BOB)];
    await createFamily(alice);
    await bob.ask('log:subscribe', subscribe());
    const before = there.reads.count;
    await Promise.all(upTo(500).map((n) => alice.ask('log:append', append(n))));
    await vi.waitFor(() => expect(bob.frames.flat()).toEqual(upTo(500)), SOON);
    expect(there.reads.count - before).toBeLessThan(10);
    expect(bob.frames.length).toBeLessThan(10);
  });

  it.skipIf(skip)(
    '[LOG27] commits that race at two nodes: one wins each epoch, and all see the same one',
    async () => {
      const [here, there] = [await openHearing(), await openHearing()];
      const [alice, bob] = [await here.connect(ALICE), await there.connect(BOB)];
      const readers = [await here.connect(CAROL), await there.connect(session(50))];
      await createFamily(alice);
      for (let epoch = 0; epoch < 20; epoch++) {
        for (const reader of readers) await reader.ask('log:subscribe', subscribe(epoch, epoch));
        const answers = await Promise.all([
          alice.ask('log:commit', commit(2 * epoch + 1, epoch)),
          bob.ask('log:commit', commit(2 * epoch + 2, epoch)),
        ]);
        expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
        expect(answers.find(({ ok }) => !ok)).toMatchObject({
          code: 'epoch_moved',
          head: { epoch: epoch + 1 },
        });
        for (const reader of readers) {
          await vi.waitFor(() => expect(reader.frames.flat()).toEqual(upTo(epoch + 1)), SOON);
        }
      }
    },
  );

  it.skipIf(skip)('[LOG21] what another node tells with its entries is not read at all', async () => {
    const [here, there] = [await openHearing(), await openHearing()];
    const [alice, bob] = [await here.connect(ALICE), await there.connect(BOB)];
    await createFamily(alice);
    await bob.ask('log:subscribe', subscribe());
    const before = there.reads.count;
    for (const n of upTo(5)) await alice.ask('log:append', append(n));
    await alice.ask('log:commit', commit(6, 0));
    await vi.waitFor(() => expect(bob.frames.flat()).toEqual(upTo(6)), SOON);
    expect(there.reads.count).toBe(before);
  });

  it.skipIf(skip)('[LOG21] logs that nobody here follows are not read', async () => {
    const [here, there] = [await openHearing(), await openHearing()];
    const alice = await here.connect(ALICE);
    await createFamily(alice);
    await createFamily(alice, filled(32, 2) as never);
    const bob = await there.connect(BOB);
    await bob.ask('log:subscribe', subscribe(0, 0, filled(32, 2)));
    const before = there.reads.count;
    await Promise.all(upTo(50).map((n) => alice.ask('log:append', append(n))));
    here.hints.publish({ kind: 'log', log: FAMILY as never, seq: 50, entries: [] });
    await alice.ask('log:append', append(1, 0, filled(32, 2)));
    await vi.waitFor(() => expect(bob.frames.flat()).toEqual([1]), SOON);
    expect(there.reads.count).toBe(before);
  });

  it.skipIf(skip)(
    '[LOG23] Redis is killed and comes back empty: delivery goes on by reading, and by hints again',
    async () => {
      const [here, there] = [await openHearing(), await openHearing()];
      const [alice, bob] = [await here.connect(ALICE), await there.connect(BOB)];
      await createFamily(alice);
      await bob.ask('log:subscribe', subscribe());
      await alice.ask('log:append', append(1));
      await vi.waitFor(() => expect(bob.frames.flat()).toEqual([1]), SOON);
      await redis?.kill();
      await Promise.all([2, 3, 4].map((n) => alice.ask('log:append', append(n))));
      await vi.waitFor(() => expect(bob.frames.flat()).toEqual(upTo(4)), SOON);
      await vi.waitFor(() => expect(there.hints.reliable()).toBe(false), SOON);
      await alice.ask('log:append', append(5));
      await redis?.startAgain();
      await alice.ask('log:append', append(6));
      await vi.waitFor(() => expect(bob.frames.flat()).toEqual(upTo(6)), SOON);
      await Promise.all([hears(here), hears(there)]);
      const before = there.reads.count;
      await alice.ask('log:append', append(7));
      await vi.waitFor(() => expect(bob.frames.flat()).toEqual(upTo(7)), SOON);
      // By a hint, not by the next look.
      expect(there.reads.count).toBe(before);
    },
  );

  it.skipIf(skip)('[LOG23] Redis loses all it knows: nothing is missed', async () => {
    const [here, there] = [await openHearing(), await openHearing()];
    const [alice, bob] = [await here.connect(ALICE), await there.connect(BOB)];
    await createFamily(alice);
    await bob.ask('log:subscribe', subscribe());
    const operator = await connectRedis(redis?.url ?? '');
    for (const n of upTo(60)) {
      void alice.ask('log:append', append(n));
      if (n % 20 === 0) await operator.flushAll();
    }
    await vi.waitFor(() => expect(bob.frames.flat()).toEqual(upTo(60)), SOON);
    operator.destroy();
  });

  it('[LOG9] [LOG19] what an account did at one node counts at the others', async () => {
    const [here, there] = [nodes.open(deaf()), nodes.open(deaf())];
    const [alice, tablet] = [await here.connect(ALICE), await there.connect(ALICE)];
    const half = LIMITS.deliveriesPerDay / 2;
    for (let n = 0; n < half; n++)
      for (const at of [alice, tablet])
        expect(await at.ask('inbox:append', welcomeFor(BOB))).toEqual({ ok: true });
    for (const at of [alice, tablet])
      expect(await at.ask('inbox:append', welcomeFor(BOB))).toEqual({ ok: false, code: 'quota_exceeded' });
    expect(await tablet.ask('inbox:append', welcomeFor(CAROL))).toEqual({ ok: true });
  });

  it('[LOG23] who is told that something was missed looks at once', async () => {
    let tell = (_: 'missed'): void => {};
    const subscribed: Hints['subscribe'] = (handler) => {
      tell = handler;
      return () => {};
    };
    const hints = { ...deaf().hints, reliable: () => true, subscribe: subscribed };
    const there = nodes.open({ hints, close: async () => {} });
    const bob = await there.connect(BOB);
    await createFamily(bob);
    await bob.ask('log:subscribe', subscribe());
    await bob.ask('inbox:read', { after: 0 });
    const { log, epoch, id, body } = append(1) as RequestOf<'log:append'>;
    await nodes.stores.logs.appendMessage({ log, epoch, id, body, shownHash: sha256(tokenOf(0)), now: NOON });
    await nodes.stores.inboxes.appendItem(welcomeFor(BOB) as never, 20_000);
    tell('missed');
    await settled();
    expect([bob.frames, bob.inboxSeqs]).toEqual([[[1]], [1]]);
  });

  it.skipIf(skip)('[LOG24] a node dies before it told the others: they look, and go on looking', async () => {
    const leaving = await hearOver(redis?.url ?? '');
    const there = await openHearing();
    const bob = await there.connect(BOB);
    await createFamily(bob);
    await bob.ask('log:subscribe', subscribe());
    const missed: unknown[] = [];
    there.hints.subscribe((heard) => missed.push(heard));
    // This one says that it goes: nobody doubts what it told.
    await leaving.close();
    const dying = fork(fileURLToPath(new URL('./beating-node.ts', import.meta.url)), [redis?.url ?? '']);
    await once(dying, 'message');
    const { log, epoch, id, body } = append(1) as RequestOf<'log:append'>;
    const shownHash = sha256(tokenOf(0));
    await nodes.stores.logs.appendMessage({ log, epoch, id, body, shownHash, now: NOON });
    dying.kill('SIGKILL');
    await vi.waitFor(() => expect(bob.frames.flat()).toEqual([1]), { timeout: 10_000, interval: 20 });
    expect(missed).toEqual(['missed']);
    expect(there.hints.reliable()).toBe(false);
  });

  it.skipIf(skip)('[LOG25] notices reach a device, or all of an account, at other nodes', async () => {
    const [here, there] = [await openHearing(), await openHearing()];
    const [phone, laptop] = [
      await there.connect(BOB),
      await there.connect({ ...BOB, device: filled(16, 99) } as never),
    ];
    const carol = await there.connect(CAROL);
    here.connections.notifyDevice(BOB.account, BOB.device, 'keys:low', { left: 3 });
    here.connections.notifyAccount(BOB.account, 'account:changed', { what: 'password' });
    await vi.waitFor(() => expect(laptop.notices).toEqual(['account:changed']), SOON);
    expect(phone.notices).toEqual(['keys:low', 'account:changed']);
    expect(carol.notices).toEqual([]);
  });

  it.skipIf(skip)('[LOG26] Redis sees no id, no body and no token, and keeps nothing', async () => {
    const operator = await connectRedis(redis?.url ?? '');
    const ear = operator.duplicate();
    const said: Buffer[] = [];
    await ear.connect();
    await ear.pSubscribe('*', (message: Buffer) => void said.push(message), true);
    const [here, there] = [await openHearing(), await openHearing()];
    const [alice, bob] = [await here.connect(ALICE), await there.connect(BOB)];
    await createFamily(alice);
    await bob.ask('log:subscribe', subscribe());
    await alice.ask('log:append', append(77));
    await alice.ask('log:commit', commit(88, 0, [welcomeFor(BOB)]));
    await vi.waitFor(() => expect(bob.frames.flat()).toEqual([1, 2]), SOON);
    here.connections.notifyAccount(BOB.account, 'account:changed', { what: 'password' });
    await vi.waitFor(() => expect(bob.notices).toContain('account:changed'), SOON);
    const all = Buffer.concat(said);
    const ids = [FAMILY, append(77).id, BOB.account, BOB.device, Buffer.from('account:changed')];
    for (const secret of [...ids, append(77).body, commit(88, 0).body, welcomeFor(BOB).body, tokenOf(0)]) {
      expect(all.includes(secret)).toBe(false);
    }
    expect(await operator.dbSize()).toBe(0);
    ear.destroy();
    operator.destroy();
  });

  it.skipIf(skip)('[LOG26] what others write to Redis is refused, or costs one look', async () => {
    const [here, there] = [await openHearing(), await openHearing()];
    const [alice, bob] = [await here.connect(ALICE), await there.connect(BOB)];
    await createFamily(alice);
    await bob.ask('log:subscribe', subscribe());
    const stranger = await connectRedis(redis?.url ?? '');
    // Well made, and sealed by who has not the relay's key.
    const forged = encodeNodeMessage({
      what: 'hints',
      node: 'mallory',
      missed: true,
      hints: [{ kind: 'log', log: FAMILY as never, seq: 1, entries: [forgedEntry()] }],
    });
    const strange = testSeal(Buffer.alloc(32, 8)).seal(forged);
    for (const noise of ['', 'missed', '{}', Buffer.alloc(100_000, 0x81), forged, strange])
      await stranger.publish('sotto:hints', noise);
    const before = there.reads.count;
    for (let n = 0; n < 3; n++)
      here.hints.publish({ kind: 'log', log: FAMILY as never, seq: 2 ** 40 + n, entries: [] });
    await alice.ask('log:append', append(1));
    await vi.waitFor(() => expect(bob.frames.flat()).toEqual([1]), SOON);
    expect(there.reads.count - before).toBeLessThan(6);
    stranger.destroy();
  });
});

function forgedEntry(): Entry {
  return {
    seq: 1,
    time: NOON,
    id: filled(16, 66) as EntryId,
    epoch: 0,
    kind: 'message',
    body: filled(20, 66),
  };
}
