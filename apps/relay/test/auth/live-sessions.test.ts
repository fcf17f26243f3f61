import { LIMITS, PROTOCOL_VERSION } from '@sotto/protocol';
import { revokeDevice } from '@sotto/transparency';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createInProcessRelay } from '../../src/testing-relay.ts';
import { createPerson, type Person } from '../http/person.ts';
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
