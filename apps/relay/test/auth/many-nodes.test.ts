import { PROTOCOL_VERSION } from '@sotto/protocol';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { createUnheardRevocations, type Revocations } from '../../src/auth/revocations.ts';
import { makeSecrets } from '../../src/auth/secrets.ts';
import { openMemoryStores } from '../../src/open-stores.ts';
import { connectRedis } from '../../src/store/redis/connection.ts';
import { createRedisRevocations } from '../../src/store/redis/revocations.ts';
import { createInProcessRelay } from '../../src/testing-relay.ts';
import { createPerson, type Person } from '../http/person.ts';
import { reach } from '../http/reach.ts';
import { startRedis } from '../store/redis/server.ts';

const redis = await startRedis();
if (typeof redis === 'string') console.warn(`Tests of Redis are skipped: ${redis}.`);
const server = typeof redis === 'string' ? undefined : redis;
afterAll(async () => server?.stop());

const closings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));

/** Two relays over one store and one set of secrets, and alice, who signed in at the first and is known at the second. */
async function startTwo(join: () => Promise<Revocations>) {
  const stores = openMemoryStores();
  const secrets = await makeSecrets(random);
  const startNode = async () => {
    const revocations = await join();
    const relay = await createInProcessRelay({ stores, secrets, revocations });
    closings.push(relay.close);
    return { ...relay, revocations, reachable: reach(relay) };
  };
  const [a, b] = [await startNode(), await startNode()];
  const alice = createPerson(a.reachable, 'alice');
  await alice.register('a password');
  const there = createPerson(b.reachable, 'alice');
  there.accessToken = alice.accessToken;
  expect(await status(there)).toBe(200);
  return { a, b, alice, there };
}

const status = async (person: Person) => (await person.call('countKeyPackages')).status;

async function connect(relay: Awaited<ReturnType<typeof createInProcessRelay>>, person: Person) {
  const heard: string[] = [];
  const { promise: down, resolve } = Promise.withResolvers<void>();
  const shown = { token: person.accessToken ?? '', protocol: PROTOCOL_VERSION };
  const answer = await relay.connect(shown, { notice: (name) => void heard.push(name), down: resolve });
  expect(answer.ok).toBe(true);
  return { heard, down };
}

const joinRedis = async () => {
  const client = await connectRedis(server?.url ?? '');
  const revocations = await createRedisRevocations(client);
  closings.push(async () => {
    await revocations.close();
    client.destroy();
  });
  await vi.waitFor(() => expect(revocations.reliable()).toBe(true));
  return revocations;
};

describe.skipIf(server === undefined)('nodes that share Redis', () => {
  it('[AUTH65] a session that ends on one is over on the other within a second, live connections too', async () => {
    const { b, alice, there } = await startTwo(joinRedis);
    const { heard, down } = await connect(b, there);
    const before = performance.now();
    await alice.logOut();
    await down;
    expect(await status(there)).toBe(401);
    expect(performance.now() - before).toBeLessThan(1000);
    expect(heard).toEqual(['session:ended']);
  });

  it('[AUTH65] a reused refresh token ends it on the other, too', async () => {
    const { b, alice, there } = await startTwo(joinRedis);
    const stolen = alice.cookie;
    await alice.refresh();
    there.accessToken = alice.accessToken;
    const { down } = await connect(b, there);
    alice.cookie = stolen;
    await alice.refresh();
    await down;
    expect(await status(there)).toBe(401);
  });

  it('[AUTH64] [AUTH66] when Redis dies, a session that ends is over everywhere within a second all the same', async () => {
    const { b, alice, there } = await startTwo(joinRedis);
    await server?.kill();
    await vi.waitFor(() => expect(b.revocations.reliable()).toBe(false), { timeout: 1000, interval: 5 });
    expect(await status(there)).toBe(200);
    const before = performance.now();
    await alice.logOut();
    await vi.waitFor(async () => expect(await status(there)).toBe(401), { timeout: 2000, interval: 20 });
    expect(performance.now() - before).toBeLessThan(2000);
    await server?.startAgain();
  });

  it('[AUTH66] a session that ended while Redis was away is cut when it is back', async () => {
    const { b, alice, there } = await startTwo(joinRedis);
    const { down } = await connect(b, there);
    await server?.kill();
    await alice.logOut();
    await server?.startAgain();
    const before = performance.now();
    await down;
    expect(performance.now() - before).toBeLessThan(5000);
  });
});

describe('nodes that share a database alone', () => {
  it('[AUTH64] [AUTH67] a session that ends on one is over on the other within a second, its live connections within five', async () => {
    const { b, alice, there } = await startTwo(async () => createUnheardRevocations());
    const { heard, down } = await connect(b, there);
    const before = performance.now();
    await alice.logOut();
    await vi.waitFor(async () => expect(await status(there)).toBe(401), { timeout: 2000, interval: 20 });
    expect(performance.now() - before).toBeLessThan(2000);
    await down;
    expect(performance.now() - before).toBeLessThan(6500);
    expect(heard).toEqual(['session:ended']);
  });
});
