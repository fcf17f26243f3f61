import { afterAll, describe, expect, it, vi } from 'vitest';
import { createMemoryCounters } from '../../../src/store/memory/counters.ts';
import { connectRedis } from '../../../src/store/redis/connection.ts';
import { createRedisCounters, createStrictCounters } from '../../../src/store/redis/counters.ts';
import { testCounters } from '../accounts/counters-contract.ts';
import { startRedis } from './server.ts';

const redis = await startRedis();
if (typeof redis === 'string') console.warn(`Tests of Redis are skipped: ${redis}.`);
const server = typeof redis === 'string' ? undefined : redis;
afterAll(async () => server?.stop());

function createQuietLog() {
  const said: string[] = [];
  const say = (_fields: object, event: string) => void said.push(event);
  return { said, info: say, warn: say, error: say };
}

async function openNode(log = createQuietLog()) {
  const client = await connectRedis(server?.url ?? '');
  return { client, log, counters: createRedisCounters(client, log) };
}

describe.skipIf(server === undefined)('counters in Redis', () => {
  testCounters(
    async () => {
      const { client, counters } = await openNode();
      await client.flushAll();
      return { counters, close: async () => client.destroy() };
    },
    // Redis lets a counter go by its own clock.
    { exact: true, sweeps: false },
  );

  it('[STORE29] are shared by all nodes, and go with their window', async () => {
    const [east, west] = [await openNode(), await openNode()];
    await east.client.flushAll();
    const nodes = Array.from({ length: 40 }, (_, n) => (n % 2 === 0 ? east : west));
    const now = Date.now();
    await Promise.all(nodes.map(({ counters }) => counters.add('alice', 10, now)));
    expect(await west.counters.read('alice', now)).toEqual({
      count: 40,
      lastAt: now,
      forgottenAt: now + 10_000,
    });
    const left = await west.client.pTTL('sotto:count:alice');
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(10_000);
    for (const { client } of [east, west]) client.destroy();
  });

  it('[STORE29] while Redis is away each node counts for itself, says so once, and comes back', async () => {
    const { client, counters, log } = await openNode();
    await counters.add('alice', 10, 0);
    expect(log.said).toEqual([]);
    await server?.kill();
    const counts = [];
    for (let i = 0; i < 3; i++) counts.push((await counters.add('alice', 10, 0)).count);
    expect(counts).toEqual([1, 4, 7]);
    expect(await counters.read('alice', 0)).toMatchObject({ count: 7 });
    await counters.takeBack('alice');
    expect(await counters.read('alice', 0)).toMatchObject({ count: 4 });
    await counters.forget('alice');
    expect(await counters.read('alice', 0)).toMatchObject({ count: 0 });
    expect(log.said).toEqual(['redis is away: this node counts for itself, a third is allowed']);
    await server?.startAgain();
    await vi.waitFor(() => expect(client.isReady).toBe(true), { timeout: 10_000 });
    await vi.waitFor(async () => {
      await counters.add('bob', 10, 0);
      expect(log.said).toHaveLength(2);
    }, 10_000);
    expect(log.said.at(-1)).toBe('redis counts for the limits again');
    expect(await client.hGet('sotto:count:bob', 'count')).not.toBeNull();
    client.destroy();
  });

  it('[STORE29] what counted before there was Redis goes on forgetting', async () => {
    const before = createMemoryCounters();
    await before.add('alice', 10, 0);
    const { client, log } = await openNode();
    await createRedisCounters(client, log, before).sweep(10_000);
    expect(await before.read('alice', 0)).toMatchObject({ count: 0 });
    client.destroy();
  });

  it('[STORE29] a server that hangs is waited for once, not by every request', async () => {
    const { client, counters, log } = await openNode();
    await client.sendCommand(['CLIENT', 'PAUSE', '2000', 'ALL']);
    await counters.add('alice', 10, 0);
    expect(log.said).toHaveLength(1);
    const before = performance.now();
    for (let i = 0; i < 100; i++) await counters.add('carol', 10, 0);
    expect(performance.now() - before).toBeLessThan(900);
    await vi.waitFor(async () => {
      await counters.add('carol', 10, 0);
      expect(log.said).toHaveLength(2);
    }, 10_000);
    client.destroy();
  });
});

it('[STORE29] strict counters allow a third of a limit, and one at the least', async () => {
  const allowed = async (limit: number) => {
    const counters = createStrictCounters();
    for (let taken = 0; ; taken++) {
      if ((await counters.add('alice', 10, 0)).count > limit) return taken;
    }
  };
  expect(await Promise.all([1, 2, 3, 4, 9, 30, 100].map(allowed))).toEqual([1, 1, 1, 2, 3, 10, 34]);
});
