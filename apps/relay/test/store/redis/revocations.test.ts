import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import type { Endings, Revocations } from '../../../src/auth/revocations.ts';
import { connectRedis, type RedisConnection } from '../../../src/store/redis/connection.ts';
import { createRedisRevocations } from '../../../src/store/redis/revocations.ts';
import type { SessionId } from '../../../src/store/session-store.ts';
import { startRedis } from './server.ts';

const redis = await startRedis();
if (typeof redis === 'string') console.warn(`Tests of Redis are skipped: ${redis}.`);
const server = typeof redis === 'string' ? undefined : redis;
const skip = server === undefined;

interface Node {
  readonly revocations: Revocations;
  readonly heard: Endings[];
  readonly client: RedisConnection;
}
let nodes: Node[] = [];
async function startNode(): Promise<Node> {
  const client = await connectRedis(server?.url ?? '');
  const revocations = await createRedisRevocations(client);
  const heard: Endings[] = [];
  revocations.subscribe((endings) => void heard.push(endings));
  nodes.push({ revocations, heard, client });
  await vi.waitFor(() => expect(revocations.reliable()).toBe(true));
  return { revocations, heard, client };
}
beforeAll(() => {
  nodes = [];
});
afterEach(async () => {
  for (const { revocations, client } of nodes.splice(0)) {
    await revocations.close();
    client.destroy();
  }
});
afterAll(async () => server?.stop());

const id = (byte: number) => new Uint8Array(16).fill(byte) as SessionId;

it.skipIf(skip)('[AUTH65] what one node ends, every other hears within a moment', async () => {
  const [a, b] = [await startNode(), await startNode()];
  const heard = new Promise<Endings>((resolve) => b.revocations.subscribe(resolve));
  const before = performance.now();
  await a.revocations.publish([id(1), id(2)]);
  expect(await heard).toEqual([id(1), id(2)]);
  expect(performance.now() - before).toBeLessThan(1000);
});

it.skipIf(skip)('[AUTH65] thousands at once come in messages of bounded size, none lost', async () => {
  const [a, b] = [await startNode(), await startNode()];
  const many = Array.from({ length: 2500 }, (_, i) => {
    const bytes = id(0).slice();
    new DataView(bytes.buffer).setUint32(0, i);
    return bytes as SessionId;
  });
  await a.revocations.publish(many);
  await vi.waitFor(() => expect(b.heard.flat()).toHaveLength(2500));
  expect(b.heard.map((endings) => endings.length)).toEqual([1000, 1000, 500]);
});

it.skipIf(skip)('[AUTH65] what others write to the server ends nothing', async () => {
  const [a, b] = [await startNode(), await startNode()];
  for (const message of ['', 'missed', 'zz', '00', `${'0'.repeat(32)},`, '{"$gt":""}', '__proto__']) {
    await a.client.publish('sotto:endings', message);
  }
  await a.revocations.publish([id(9)]);
  await vi.waitFor(() => expect(b.heard).toEqual([[id(9)]]));
});

it.skipIf(skip)(
  '[AUTH66] a node knows within a second that it hears nothing, and what it ended meanwhile is told later',
  async () => {
    const [a, b] = [await startNode(), await startNode()];
    const before = performance.now();
    await server?.kill();
    await vi.waitFor(() => expect(b.revocations.reliable()).toBe(false), { timeout: 1000, interval: 10 });
    expect(performance.now() - before).toBeLessThan(1000);
    await a.revocations.publish([id(3)]);
    await server?.startAgain();
    await vi.waitFor(() => expect(b.heard).toContainEqual([id(3)]), { timeout: 10_000 });
    await vi.waitFor(() => expect(b.revocations.reliable()).toBe(true), { timeout: 10_000 });
    // Before it trusts its memory again, what it may have missed is said.
    expect(b.heard).toContain('missed');
  },
);

it.skipIf(skip)('[AUTH66] a connection that hangs is noticed as well as one that breaks', async () => {
  const { revocations, client } = await startNode();
  await client.sendCommand(['CLIENT', 'PAUSE', '2500', 'ALL']);
  await vi.waitFor(() => expect(revocations.reliable()).toBe(false), { timeout: 2000, interval: 10 });
  await vi.waitFor(() => expect(revocations.reliable()).toBe(true), { timeout: 10_000 });
});
