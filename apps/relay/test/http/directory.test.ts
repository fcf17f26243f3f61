import { type DeviceId, ERRORS } from '@sotto/protocol';
import { addDevice, generateKeyPair, resetAccount, revokeDevice } from '@sotto/transparency';
import { afterEach, describe, expect, it } from 'vitest';
import { createPerson, type Person } from './person.ts';
import { createTestRelay, type TestRelay, type TestRelayOptions } from './test-relay.ts';

let relay: TestRelay | undefined;
afterEach(async () => relay?.close());
const open = async (options?: TestRelayOptions) => {
  relay = await createTestRelay(options);
  return relay;
};
const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const register = async (house: TestRelay, ...names: string[]): Promise<Person[]> => {
  const people = names.map((name) => createPerson(house, name));
  for (const person of people) await person.register('a password');
  return people;
};
const names = (value: object) =>
  ('users' in value ? (value.users as { username: string }[]) : []).map((u) => u.username);

describe('finding people', () => {
  it('[HTTP6] answers an exact name to who is signed in, and nothing to who leafs through', async () => {
    const [alice, bob] = (await register(await open(), 'alice', 'bob')) as [Person, Person];
    expect((await alice.call('users', { query: '?name=bob' })).value).toEqual({
      users: [{ username: 'bob', account: bob.account }],
    });
    expect((await alice.call('users', { query: '?name=bobby' })).value).toEqual({ users: [] });
    expect((await alice.call('users')).value).toMatchObject({ code: 'forbidden' });
    expect((await alice.call('users', { query: '?after=aaa' })).value).toMatchObject({ code: 'forbidden' });
    alice.accessToken = undefined;
    expect((await alice.call('users', { query: '?name=bob' })).status).toBe(401);
  });

  it('[HTTP7] an open directory lists all, by pages and by prefix', async () => {
    const [alice] = (await register(await open({ directory: 'open' }), 'alice', 'bob', 'bobby')) as [Person];
    expect(names((await alice.call('users')).value)).toEqual(['alice', 'bob', 'bobby']);
    expect(names((await alice.call('users', { query: '?name=bob' })).value)).toEqual(['bob', 'bobby']);
    expect(names((await alice.call('users', { query: '?after=bob' })).value)).toEqual(['bobby']);
    expect((await alice.call('about')).value).toMatchObject({ directory: 'open', protocol: 1 });
  });

  it('[HTTP6] tells the name of an account, and of a stranger nothing', async () => {
    const [alice, bob] = (await register(await open(), 'alice', 'bob')) as [Person, Person];
    expect((await alice.call('user', { params: hex(bob.account) })).value).toMatchObject({ username: 'bob' });
    expect((await alice.call('user', { params: hex(random(16)) })).value).toMatchObject({
      code: 'not_found',
    });
    expect((await alice.call('chain', { params: hex(random(16)) })).value).toMatchObject({
      code: 'not_found',
    });
  });

  it('[HTTP12] look-ups are limited by account', async () => {
    const [alice, bob] = (await register(
      await open({ quotas: { lookupsPerMinute: 2 } }),
      'alice',
      'bob',
    )) as [Person, Person];
    const ask = async (person: Person) => (await person.call('users', { query: '?name=bob' })).status;
    expect([await ask(alice), await ask(alice), await ask(alice), await ask(bob)]).toEqual([
      200, 200, 429, 200,
    ]);
  });
});

describe('account chains', () => {
  it('[HTTP8] alice adds a device; the same statement again is the same place, another one there a conflict', async () => {
    const [alice] = (await register(await open(), 'alice')) as [Person];
    if (alice.chain === undefined) throw new Error('no chain');
    const device = () => ({ id: random(16), ...generateKeyPair(random(32)) });
    const added = addDevice(alice.chain, { identity: alice.identity, device: device() });
    const other = addDevice(alice.chain, { identity: alice.identity, device: device() });
    const append = async (statement: Uint8Array) =>
      (await alice.call('appendStatement', { params: hex(alice.account), body: { statement } })).value;
    expect(await append(added.statement)).toEqual({ seq: 1 });
    expect(await append(added.statement)).toEqual({ seq: 1 });
    expect(await append(other.statement)).toMatchObject({ code: 'chain_conflict' });
    expect(await append(random(100))).toMatchObject({ code: 'chain_invalid' });
    const forged = added.statement.slice();
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
    const next = addDevice(added.state, { identity: alice.identity, device: device() });
    const spoiled = next.statement.slice();
    spoiled[spoiled.length - 1] = (spoiled.at(-1) ?? 0) ^ 1;
    expect(await append(forged)).toMatchObject({ code: 'chain_conflict' });
    expect(await append(spoiled)).toMatchObject({ code: 'chain_invalid' });
    expect(await alice.readChain()).toHaveLength(2);
    const tail = await alice.call('chain', { params: hex(alice.account), query: '?from=1' });
    expect(tail.value).toEqual({ statements: [added.statement] });
  });

  it("[HTTP9] bob appends nothing to alice's chain, however well it is signed", async () => {
    const [alice, bob] = (await register(await open(), 'alice', 'bob')) as [Person, Person];
    if (alice.chain === undefined) throw new Error('no chain');
    const device = { id: random(16), ...generateKeyPair(random(32)) };
    const { statement } = addDevice(alice.chain, { identity: alice.identity, device });
    const asBob = await bob.call('appendStatement', { params: hex(alice.account), body: { statement } });
    expect(asBob).toEqual({ status: ERRORS.forbidden.status, value: { ok: false, code: 'forbidden' } });
    const intoBobs = await bob.call('appendStatement', { params: hex(bob.account), body: { statement } });
    expect(intoBobs.value).toMatchObject({ code: 'chain_invalid' });
  });

  it('[AUTH12] [AUTH14] a revoked device is signed out at once and does not get in again', async () => {
    const [alice] = (await register(await open(), 'alice')) as [Person];
    if (alice.chain === undefined) throw new Error('no chain');
    const phone = { id: random(16), ...generateKeyPair(random(32)) };
    const { statement, state } = addDevice(alice.chain, { identity: alice.identity, device: phone });
    await alice.call('appendStatement', { params: hex(alice.account), body: { statement } });
    const onLaptop = alice.accessToken;
    await alice.logIn('a password', phone.id as DeviceId);
    const revoked = revokeDevice(state, { signer: alice.identity, device: alice.device });
    const append = { params: hex(alice.account), body: { statement: revoked.statement } };
    expect((await alice.call('appendStatement', append)).value).toEqual({ seq: 2 });

    expect((await alice.call('countKeyPackages')).status).toBe(200);
    alice.accessToken = onLaptop;
    expect((await alice.call('countKeyPackages')).value).toMatchObject({ code: 'session_ended' });
    expect(await alice.logIn('a password')).toMatchObject({ code: 'forbidden' });
  });

  it('[AUTH12] a reset ends every session but that of the device it brings', async () => {
    const [alice] = (await register(await open(), 'alice')) as [Person];
    if (alice.chain === undefined) throw new Error('no chain');
    const onOld = alice.accessToken;
    const tablet = { id: random(16), ...generateKeyPair(random(32)) };
    await alice.logIn('a password', tablet.id as DeviceId);
    const { statement } = resetAccount(alice.chain, {
      identity: generateKeyPair(random(32)),
      device: tablet,
    });
    const append = { params: hex(alice.account), body: { statement } };
    expect((await alice.call('appendStatement', append)).value).toEqual({ seq: 1 });
    expect((await alice.call('countKeyPackages')).status).toBe(200);
    alice.accessToken = onOld;
    expect((await alice.call('countKeyPackages')).value).toMatchObject({ code: 'session_ended' });
  });
});
