import { type DeviceId, LIMITS } from '@sotto/protocol';
import { addDevice, generateKeyPair, revokeDevice } from '@sotto/transparency';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createMemoryAccountStores } from '../../src/store/memory/account-stores.ts';
import { createPerson, type Person } from './person.ts';
import { createTestRelay, type TestRelay } from './test-relay.ts';

let relay: TestRelay;
let alice: Person;
let bob: Person;
beforeEach(async () => {
  relay = await createTestRelay();
  alice = createPerson(relay, 'alice');
  bob = createPerson(relay, 'bob');
  await alice.register('a password');
  await bob.register('a password');
});
afterEach(() => relay.close());

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const publish = async (person: Person, oneTime: Uint8Array[], lastResort?: Uint8Array) =>
  (await person.call('publishKeyPackages', { body: { oneTime, lastResort } })).value;
const claim = async (person: Person, of: Person) =>
  (await person.call('claimKeyPackages', { body: { account: of.account } })).value;

it('[HTTP11] a claim takes one of every device: a one-time one, or the last resort', async () => {
  const [first, last] = [random(2500), random(2500)];
  expect(await publish(alice, [first], last)).toEqual({ left: 1 });
  const { device } = alice;
  expect(await claim(bob, alice)).toEqual({ packages: [{ device, keyPackage: first, lastResort: false }] });
  expect(await claim(bob, alice)).toEqual({ packages: [{ device, keyPackage: last, lastResort: true }] });
  expect(await claim(alice, bob)).toEqual({ packages: [] });
});

it('[HTTP11] a claim of an account that nobody has is answered like one of an account without KeyPackages', async () => {
  const ofBob = await alice.call('claimKeyPackages', { body: { account: bob.account } });
  const ofNobody = await alice.call('claimKeyPackages', { body: { account: random(16) } });
  expect(ofNobody).toEqual({ status: 200, value: { packages: [] } });
  expect(ofNobody).toEqual(ofBob);
});

it('[HTTP11] a claim answers every device of the chain, and no revoked one', async () => {
  if (alice.chain === undefined) throw new Error('no chain');
  const phone = { id: random(16), ...generateKeyPair(random(32)) };
  const added = addDevice(alice.chain, { identity: alice.identity, device: phone });
  const append = (statement: Uint8Array) =>
    alice.call('appendStatement', { params: hex(alice.account), body: { statement } });
  await append(added.statement);
  await publish(alice, [], random(100));
  await alice.logIn('a password', phone.id as DeviceId);
  await publish(alice, [], random(100));
  const both = await claim(bob, alice);
  expect('packages' in both && both.packages.map((p) => hex(p.device)).sort()).toEqual(
    [hex(alice.device), hex(phone.id)].sort(),
  );
  await append(revokeDevice(added.state, { signer: alice.identity, device: alice.device }).statement);
  const one = await claim(bob, alice);
  expect('packages' in one && one.packages.map((p) => hex(p.device))).toEqual([hex(phone.id)]);
});

it('[HTTP11] what a device left while it was being revoked is given to nobody', async () => {
  const accountStores = createMemoryAccountStores();
  await relay.close();
  relay = await createTestRelay({ accountStores });
  const carol = createPerson(relay, 'carol');
  await carol.register('a password');
  if (carol.chain === undefined) throw new Error('no chain');
  const { statement } = revokeDevice(carol.chain, { signer: carol.deviceKeys, device: carol.device });
  await carol.call('appendStatement', { params: hex(carol.account), body: { statement } });
  const { account, device } = carol;
  await accountStores.keyPackages.publish({ account, device, oneTime: [random(50)], lastResort: random(50) });
  const dave = createPerson(relay, 'dave');
  await dave.register('a password');
  expect(await claim(dave, carol)).toEqual({ packages: [] });
});

it('[HTTP10] only a device of the chain publishes, and holds a hundred at most', async () => {
  const full = Array.from({ length: LIMITS.keyPackagesPerDevice }, () => random(50));
  expect(await publish(alice, full)).toEqual({ left: 100 });
  expect(await publish(alice, full)).toEqual({ left: 100 });
  expect(await publish(alice, [random(50)])).toMatchObject({ code: 'quota_exceeded' });
  expect((await alice.call('countKeyPackages')).value).toEqual({ left: 100, lastResort: false });
  await alice.logIn('a password', random(16) as DeviceId);
  expect(await publish(alice, [random(50)])).toMatchObject({ code: 'device_unknown' });
});

it('[HTTP22] a device that renews its set gives out nothing of the old one', async () => {
  const [fresh, last] = [random(2500), random(2500)];
  await publish(alice, [random(2500), random(2500)], random(2500));
  const body = { oneTime: [fresh], lastResort: last, replace: true };
  expect((await alice.call('publishKeyPackages', { body })).value).toEqual({ left: 1 });
  const { device } = alice;
  expect(await claim(bob, alice)).toEqual({ packages: [{ device, keyPackage: fresh, lastResort: false }] });
  expect(await claim(bob, alice)).toEqual({ packages: [{ device, keyPackage: last, lastResort: true }] });
});

it('[HTTP12] one account claims from another so many times an hour, from others still', async () => {
  const carol = createPerson(relay, 'carol');
  await carol.register('a password');
  for (let i = 0; i < LIMITS.claimsPerHour; i++) expect(await claim(bob, alice)).toEqual({ packages: [] });
  expect(await claim(bob, alice)).toMatchObject({ code: 'rate_limited', retryAfter: 3600 });
  expect(await claim(bob, carol)).toEqual({ packages: [] });
  expect(await claim(carol, alice)).toEqual({ packages: [] });
});
