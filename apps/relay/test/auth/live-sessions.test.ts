import { type DeviceId, LIMITS, PROTOCOL_VERSION } from '@sotto/protocol';
import { revokeDevice } from '@sotto/transparency';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createInProcessRelay } from '../../src/testing-relay.ts';
import { createPerson, type Person } from '../http/person.ts';
import { reach } from '../http/reach.ts';
import { createTestRelay, type TestRelay } from '../http/test-relay.ts';

let relay: TestRelay;
let alice: Person;
beforeEach(async () => {
  relay = await createTestRelay();
  alice = createPerson(relay, 'alice');
  await alice.register('a password');
});
afterEach(() => relay.close());

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));

/** A live connection of a person, and what it hears. */
async function connect(person: Person) {
  const heard: [name: string, notice: unknown][] = [];
  const { promise: down, resolve } = Promise.withResolvers<void>();
  const next = { resolve: () => {} };
  const answer = await relay.connect(
    { token: person.accessToken ?? '', protocol: PROTOCOL_VERSION },
    {
      notice(name, notice) {
        heard.push([name, notice]);
        next.resolve();
      },
      down: resolve,
    },
  );
  const hear = () =>
    new Promise<void>((done) => {
      next.resolve = done;
    });
  return { answer, heard, down, hear };
}

it('[AUTH12] signing out ends the live connections of the session at once', async () => {
  const { answer, heard, down } = await connect(alice);
  expect(answer.ok).toBe(true);
  await alice.logOut();
  await down;
  expect(heard).toEqual([['session:ended', {}]]);
  expect((await connect(alice)).answer).toEqual({ ok: false, code: 'session_ended' });
});

it('[AUTH12] a reused refresh token, a new sign-in and a revocation end them too', async () => {
  const stolen = alice.cookie;
  await alice.refresh();
  const first = await connect(alice);
  alice.cookie = stolen;
  await alice.refresh();
  await first.down;

  await alice.logIn('a password');
  const second = await connect(alice);
  await alice.logIn('a password');
  await second.down;

  const third = await connect(alice);
  if (alice.chain === undefined) throw new Error('no chain');
  const { statement } = revokeDevice(alice.chain, { signer: alice.deviceKeys, device: alice.device });
  const params = Buffer.from(alice.account).toString('hex');
  await alice.call('appendStatement', { params, body: { statement } });
  await third.down;
});

it('[AUTH12] a connection whose session ended between its check and its start does not last', async () => {
  const house = await createInProcessRelay();
  const session = { id: random(16), account: alice.account, device: alice.device };
  const heard: string[] = [];
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  house.connections.connect(session, { notify: (name) => heard.push(name), end: resolve });
  await ended;
  expect(heard).toEqual(['session:ended']);
  await house.close();
});

it('[HTTP12] a device that runs low on KeyPackages hears it when one is claimed', async () => {
  const bob = createPerson(relay, 'bob');
  await bob.register('a password');
  const { heard, hear } = await connect(alice);
  const packages = Array.from({ length: LIMITS.keyPackagesLow + 1 }, () =>
    crypto.getRandomValues(new Uint8Array(40)),
  );
  await alice.call('publishKeyPackages', { body: { oneTime: packages } });
  await bob.call('claimKeyPackages', { body: { account: alice.account } });
  const heardIt = hear();
  await bob.call('claimKeyPackages', { body: { account: alice.account } });
  await heardIt;
  expect(heard).toEqual([['keys:low', { left: LIMITS.keyPackagesLow - 1 }]]);
});

describe('on a shared computer', () => {
  let now: number;
  let house: Awaited<ReturnType<typeof createInProcessRelay>>;
  let bob: Person;
  let cookie: string;
  beforeEach(async () => {
    now = Date.UTC(2026, 0, 1);
    house = await createInProcessRelay({ clock: () => now });
    bob = createPerson(
      reach(house, (headers) => {
        cookie = headers['set-cookie'] ?? cookie;
      }),
      'bob',
    );
    await bob.register('a password', { shared: true });
  });
  afterEach(() => house.close());
  const pass = (seconds: number) => {
    now += seconds * 1000;
  };

  it('[AUTH63] session and cookie live for 15 minutes after they were renewed', async () => {
    expect(cookie).toContain('; Max-Age=900;');
    pass(899);
    cookie = '';
    expect(await bob.refresh()).toMatchObject({ username: 'bob' });
    expect(cookie).toContain('; Max-Age=900;');
    pass(899);
    expect(await bob.refresh()).toMatchObject({ username: 'bob' });
    pass(900);
    expect(await bob.refresh()).toMatchObject({ code: 'session_ended' });
    await bob.logIn('a password');
    expect(cookie).toContain(`; Max-Age=${LIMITS.refreshTokenSeconds};`);
    pass(900);
    expect(await bob.refresh()).toMatchObject({ username: 'bob' });
  });

  it('[AUTH63] [AUTH67] its live connections go when it ends', async () => {
    const { promise: down, resolve } = Promise.withResolvers<void>();
    const heard: string[] = [];
    const shown = { token: bob.accessToken ?? '', protocol: PROTOCOL_VERSION };
    await house.connect(shown, { notice: (name) => void heard.push(name), down: resolve });
    pass(LIMITS.sharedSessionSeconds - 1);
    await house.checkLive();
    expect(heard).toEqual([]);
    pass(1);
    await house.checkLive();
    await down;
    expect(heard).toEqual(['session:ended']);
  });
});

it('[AUTH68] the owner of an account sees its sessions, and ends one or all others at once', async () => {
  const devices = [1, 2, 3].map((byte) => new Uint8Array(16).fill(byte) as DeviceId);
  for (const device of devices) {
    relay.advance(1);
    await alice.logIn('a password', device, device[0] === 2);
  }
  const third = await connect(alice);
  const { value } = await alice.call('sessions');
  if ('code' in value) throw new Error(value.code);
  expect(value.sessions.map(({ device, current, shared }) => [device[0], current, shared])).toEqual([
    [alice.device[0], false, false],
    [1, false, false],
    [2, false, true],
    [3, true, false],
  ]);
  const one = value.sessions[1]?.id;
  await alice.call('endSessions', { body: { session: one } });
  const left = async () => {
    const { value } = await alice.call('sessions');
    return 'sessions' in value ? value.sessions.map(({ device }) => device[0]) : value;
  };
  expect(await left()).toEqual([alice.device[0], 2, 3]);
  await alice.call('endSessions', { body: {} });
  expect(await left()).toEqual([3]);
  expect(third.heard).toEqual([]);
});
