import type { DeviceId } from '@sotto/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { createPerson } from '../http/person.ts';
import { createTestRelay, type TestRelay, type TestRelayOptions } from '../http/test-relay.ts';

let relay: TestRelay | undefined;
afterEach(async () => relay?.close());
const open = async (options?: TestRelayOptions): Promise<TestRelay> => {
  relay = await createTestRelay(options);
  return relay;
};

const PASSWORD = 'correct horse battery staple';

describe.each(['memory', 'sqlite'] as const)('signing in, accounts in %s', (store) => {
  it('[AUTH1] alice registers, signs in, renews, and signs out, without her password leaving her device', async () => {
    const alice = createPerson(await open({ store }), 'alice', { stretches: true });
    expect(await alice.register(PASSWORD)).toMatchObject({ username: 'alice', expiresIn: 600 });
    const exportKey = alice.exportKey;
    expect((await alice.call('users', { query: '?name=alice' })).status).toBe(200);

    const signedIn = await alice.logIn(PASSWORD);
    expect(signedIn).toMatchObject({ session: { username: 'alice' } });
    const vault = 'vault' in signedIn ? signedIn.vault : undefined;
    expect([new TextDecoder().decode(vault?.bytes), vault?.version]).toEqual(['vault of alice', 0]);
    expect(alice.exportKey).toBe(exportKey);

    expect(await alice.refresh()).toMatchObject({ username: 'alice' });
    expect(await alice.logOut()).toEqual({});
    expect(await alice.refresh()).toMatchObject({ code: 'unauthorized' });
    expect((await alice.call('users', { query: '?name=alice' })).value).toMatchObject({
      code: 'session_ended',
    });
  });

  it('[AUTH2] a name and an account id belong to who came first', async () => {
    const house = await open({ store });
    const alice = createPerson(house, 'alice');
    await alice.register(PASSWORD);
    expect(await createPerson(house, 'alice').register('other')).toMatchObject({ code: 'username_taken' });

    const bob = createPerson(house, 'bob');
    Object.assign(bob, { account: alice.account });
    const taken = await bob.register('other', {
      account: alice.account,
      device: alice.device,
      statement: (await alice.readChain())[0],
    });
    expect(taken).toMatchObject({ code: 'account_taken' });
    expect((await alice.call('users', { query: '?name=bob' })).value).toEqual({ users: [] });
  });

  it('[AUTH9] an old refresh token ends the session, whoever of owner and thief comes second', async () => {
    const alice = createPerson(await open({ store }), 'alice');
    await alice.register(PASSWORD);
    const stolen = alice.cookie;
    await alice.refresh();
    const [current, token] = [alice.cookie, alice.accessToken];
    expect(current).not.toBe(stolen);
    expect((await alice.call('countKeyPackages')).status).toBe(200);

    alice.cookie = stolen;
    expect(await alice.refresh()).toMatchObject({ code: 'session_ended' });
    alice.cookie = current;
    expect(await alice.refresh()).toMatchObject({ code: 'session_ended' });
    alice.accessToken = token;
    expect((await alice.call('countKeyPackages')).value).toMatchObject({ code: 'session_ended' });
  });

  it('[AUTH9] alice, whose page was closed before the answer came, is still signed in', async () => {
    const alice = createPerson(await open({ store }), 'alice');
    await alice.register(PASSWORD);
    const before = alice.cookie;
    await alice.refresh();
    const [lostCookie, lostToken] = [alice.cookie, alice.accessToken];
    alice.cookie = before;
    expect(await alice.refresh()).toMatchObject({ username: 'alice' });
    const token = alice.accessToken;

    alice.accessToken = lostToken;
    expect((await alice.call('countKeyPackages')).value).toMatchObject({ code: 'session_ended' });
    alice.accessToken = token;
    expect((await alice.call('countKeyPackages')).status).toBe(200);
    alice.cookie = lostCookie;
    expect(await alice.refresh()).toMatchObject({ code: 'session_ended' });
    expect((await alice.call('countKeyPackages')).value).toMatchObject({ code: 'session_ended' });
  });

  it('[AUTH10] signing in again on a device ends the session it had', async () => {
    const alice = createPerson(await open({ store }), 'alice');
    await alice.register(PASSWORD);
    const before = alice.accessToken;
    await alice.logIn(PASSWORD);
    expect((await alice.call('countKeyPackages')).status).toBe(200);
    alice.accessToken = before;
    expect((await alice.call('countKeyPackages')).value).toMatchObject({ code: 'session_ended' });
  });

  it('[AUTH11] a session ends thirty days after it was last renewed', async () => {
    const house = await open({ store });
    const alice = createPerson(house, 'alice');
    await alice.register(PASSWORD);
    house.advance(29 * 86_400);
    expect(await alice.refresh()).toMatchObject({ username: 'alice' });
    house.advance(30 * 86_400);
    expect(await alice.refresh()).toMatchObject({ code: 'session_ended' });
  });
});

describe('a stranger at the door', () => {
  it('[AUTH3] learns no names from signing in: same answers, same sizes, same refusal', async () => {
    const house = await open();
    await createPerson(house, 'alice').register(PASSWORD);
    const seen = [];
    for (const name of ['alice', 'nobody']) {
      const guess = createPerson(house, name);
      const started = await guess.opaqueLogin('wrong password');
      if (!('finish' in started)) throw new Error('expected an answer');
      const body = { ticket: started.ticket, finish: started.finish, device: guess.device };
      const finished = await guess.call('loginFinish', { body });
      seen.push({ size: started.response.length, knew: started.knewPassword, finished });
    }
    expect(seen[0]).toEqual(seen[1]);
    expect(seen[0]?.finished).toEqual({ status: 401, value: { ok: false, code: 'wrong_credentials' } });
  });

  it('[AUTH4] cannot replay a finish, nor keep a ticket for more than a minute', async () => {
    const house = await open();
    const alice = createPerson(house, 'alice');
    await alice.register(PASSWORD);
    const started = await alice.opaqueLogin(PASSWORD);
    if (!('finish' in started)) throw new Error('expected an answer');
    const body = { ticket: started.ticket, finish: started.finish, device: alice.device };
    expect((await alice.call('loginFinish', { body })).status).toBe(200);
    expect((await alice.call('loginFinish', { body })).value).toMatchObject({ code: 'ticket_invalid' });

    const late = await alice.opaqueLogin(PASSWORD);
    if (!('finish' in late)) throw new Error('expected an answer');
    house.advance(60);
    const lateBody = { ticket: late.ticket, finish: late.finish, device: alice.device };
    expect((await alice.call('loginFinish', { body: lateBody })).value).toMatchObject({
      code: 'ticket_invalid',
    });
  });

  it('[AUTH4] cannot finish with a ticket of the other kind', async () => {
    const house = await open();
    const alice = createPerson(house, 'alice');
    await alice.register(PASSWORD);
    const login = await alice.opaqueLogin(PASSWORD);
    if (!('finish' in login)) throw new Error('expected an answer');
    const bob = createPerson(house, 'bob');
    expect(await bob.register('pw', { ticket: login.ticket })).toMatchObject({ code: 'ticket_invalid' });
  });

  it('[AUTH5] waits longer after each failure, a start without a finish being one; elsewhere alice is let in', async () => {
    const house = await open();
    const alice = createPerson(house, 'alice');
    await alice.register(PASSWORD);
    const mallory = createPerson(house, 'alice', { address: '198.51.100.9' });
    for (let i = 0; i < 5; i++) expect(await mallory.opaqueLogin('guess')).toHaveProperty('finish');
    const waits = [];
    for (let i = 0; i < 4; i++) {
      const refused = await mallory.opaqueLogin('guess');
      if (!('retryAfter' in refused)) throw new Error('expected a wait');
      waits.push(refused.retryAfter);
      house.advance(refused.retryAfter ?? 0);
      expect(await mallory.opaqueLogin('guess')).toHaveProperty('finish');
    }
    expect(waits).toEqual([1, 2, 4, 8]);
    expect(await alice.logIn(PASSWORD)).toHaveProperty('session');
  });

  it('[AUTH6] makes only so many accounts from one network, however its addresses vary', async () => {
    const house = await open({ quotas: { registrationsPerHour: 2 } });
    const from = (name: string, address: string) => createPerson(house, name, { address }).register(PASSWORD);
    expect(await from('bob', '2001:db8:1:2::1')).toHaveProperty('accessToken');
    expect(await from('carol', '2001:db8:1:2:ffff::9')).toHaveProperty('accessToken');
    expect(await from('dave', '2001:db8:1:2:3:4:5:6')).toMatchObject({
      code: 'rate_limited',
      retryAfter: 3600,
    });
    expect(await from('erin', '2001:db8:1:3::1')).toHaveProperty('accessToken');
    house.advance(3600);
    expect(await from('dave', '2001:db8:1:2:3:4:5:6')).toHaveProperty('accessToken');
  });

  it('[AUTH6] makes none where registration is closed', async () => {
    const house = await open({ quotas: { registrationsPerHour: 0 } });
    expect(await createPerson(house, 'bob').register(PASSWORD)).toMatchObject({
      code: 'registration_closed',
    });
  });

  it('[AUTH7] gets no account for a chain or a record that does not verify, and leaves nothing half-written', async () => {
    const house = await open();
    const bob = createPerson(house, 'bob');
    const carol = createPerson(house, 'carol');
    await carol.register(PASSWORD);
    const foreign = (await carol.readChain())[0];
    const other = crypto.getRandomValues(new Uint8Array(16)) as DeviceId;
    expect(await bob.register('pw', { statement: foreign })).toMatchObject({ code: 'chain_invalid' });
    expect(await bob.register('pw', { device: other })).toMatchObject({ code: 'chain_invalid' });
    expect(await bob.register('pw', { record: new Uint8Array(192) })).toMatchObject({ code: 'bad_request' });
    expect((await carol.call('users', { query: '?name=bob' })).value).toEqual({ users: [] });
    expect(await bob.register('pw')).toMatchObject({ username: 'bob' });
  });
});
