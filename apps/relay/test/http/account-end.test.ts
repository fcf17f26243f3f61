import { type DeviceId, PROTOCOL_VERSION } from '@sotto/protocol';
import { addDevice, closeAccount, generateKeyPair, verifyChain } from '@sotto/transparency';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { changeProofs } from '../../src/auth/account-proofs.ts';
import { deleteAccount, expectDone, setEmail } from './account-flows.ts';
import { createPerson, type Person } from './person.ts';
import { createTestRelay, type TestRelay } from './test-relay.ts';

const PASSWORD = 'correct horse battery staple';
const ADDRESS = 'alice@example.org';
const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));

describe.each(['memory', 'sqlite'] as const)(
  'alice, her devices and the end of her account, in %s',
  (store) => {
    let house: TestRelay;
    let alice: Person;
    beforeEach(async () => {
      house = await createTestRelay({ store, quotas: { freeAttempts: 1000 } });
      alice = createPerson(house, 'alice');
      expectDone(await alice.register(PASSWORD));
    });
    afterEach(() => house.close());
    const readCode = () => house.mailbox.codeFor(ADDRESS);
    /** The same account in another browser. */
    const secondBrowser = async () => {
      house.advance(1);
      const other = createPerson(house, 'alice');
      expectDone(await other.logIn(PASSWORD));
      return other;
    };
    const isIn = async (person: Person) => (await person.call('account')).status === 200;

    it('[HTTP24] she lists her sessions, names her devices, and ends one session or all others', async () => {
      const bob = createPerson(house, 'bob');
      expectDone(await bob.register(PASSWORD));
      const [second, third] = [await secondBrowser(), await secondBrowser()];
      for (const [person, label] of [
        [alice, [1]],
        [second, [2]],
        [alice, [3]],
      ] as const) {
        expectDone((await person.call('setLabel', { body: { label: Uint8Array.from(label) } })).value);
      }
      const listed = expectDone((await second.call('sessions')).value);
      expect(listed.sessions.map(({ device, current, shared }) => ({ device, current, shared }))).toEqual([
        { device: alice.device, current: false, shared: false },
        { device: second.device, current: true, shared: false },
        { device: third.device, current: false, shared: false },
      ]);
      expect(listed.labels).toEqual([
        { device: second.device, label: Uint8Array.of(2) },
        { device: alice.device, label: Uint8Array.of(3) },
      ]);
      expect(listed.signIns).toEqual([
        { time: house.now(), device: third.device, method: 'password' },
        { time: house.now() - 1000, device: second.device, method: 'password' },
      ]);
      const session = listed.sessions[0]?.id;
      expect((await bob.call('endSessions', { body: { session } })).value).toMatchObject({
        code: 'not_found',
      });
      expect(await isIn(alice)).toBe(true);
      expectDone((await second.call('endSessions', { body: { session } })).value);
      expect([await isIn(alice), await isIn(third)]).toEqual([false, true]);
      expectDone((await second.call('endSessions', { body: {} })).value);
      expect([await isIn(second), await isIn(third), await isIn(bob)]).toEqual([true, false, true]);
    });

    it('[HTTP24] the last twenty sign-ins are kept', async () => {
      for (let i = 0; i < 22; i++) {
        house.advance(60);
        expectDone(await alice.logIn(PASSWORD, random(16) as DeviceId));
      }
      const { signIns } = expectDone((await alice.call('sessions')).value);
      expect(signIns).toHaveLength(20);
      expect(signIns[0]?.time).toBe(house.now());
      expect(signIns.at(-1)?.time).toBe(house.now() - 19 * 60_000);
    });

    it('[AUTH40] she ends her account: the chain says so, the name stays taken, and all else is gone', async () => {
      await setEmail(alice, PASSWORD, ADDRESS, readCode);
      const other = await secondBrowser();
      const bob = createPerson(house, 'bob');
      expectDone(await bob.register(PASSWORD));
      const oneTime = [random(100)];
      expectDone((await alice.call('publishKeyPackages', { body: { oneTime } })).value);
      expectDone(await deleteAccount(alice, PASSWORD));
      expect(alice.cookie).toMatch(/=$/);
      expect(house.mailbox.mails.at(-1)).toMatchObject({ to: ADDRESS });

      expect((await alice.call('account')).value).toMatchObject({ code: 'session_ended' });
      expect((await other.call('account')).value).toMatchObject({ code: 'session_ended' });
      expect(await other.logIn(PASSWORD)).toMatchObject({ code: 'wrong_credentials' });
      expect(await createPerson(house, 'alice').register('mine now')).toMatchObject({
        code: 'username_taken',
      });
      const verified = verifyChain(alice.account, await bob.readChain(alice.account));
      expect(verified).toMatchObject({ ok: true, state: { closedAt: 1 } });
      expect((await bob.call('users', { query: '?name=alice' })).value).toEqual({ users: [] });
      expect((await bob.call('claimKeyPackages', { body: { account: alice.account } })).value).toEqual({
        packages: [],
      });
      const hex = Buffer.from(alice.account).toString('hex');
      expect((await bob.call('user', { params: hex })).value).toMatchObject({ username: 'alice' });
    });

    it('[AUTH40] and by no other statement, nor by that one alone', async () => {
      if (alice.chain === undefined) throw new Error('no chain');
      const keys = generateKeyPair(random(32));
      const device = { id: random(16), ...keys };
      const other = addDevice(alice.chain, { identity: alice.identity, device }).statement;
      expect(await deleteAccount(alice, PASSWORD, other)).toMatchObject({ code: 'chain_invalid' });
      const { statement } = closeAccount(alice.chain, { identity: alice.identity });
      const params = Buffer.from(alice.account).toString('hex');
      expect((await alice.call('appendStatement', { params, body: { statement } })).value).toMatchObject({
        code: 'chain_invalid',
      });
      expect(await isIn(alice)).toBe(true);
    });

    it('[AUTH41] a disabled account says so to who proved to be its owner, and to nobody else', async () => {
      await changeProofs(house.accountStores.records, alice.account, (proofs) => ({
        ...proofs,
        disabled: true,
      }));
      expect(await alice.logIn('a wrong guess')).toMatchObject({ code: 'wrong_credentials' });
      expect(await alice.logIn(PASSWORD)).toMatchObject({ code: 'account_disabled' });
    });

    it('[AUTH42] other devices hear of a sign-in at once, and the owner of a new device by mail', async () => {
      await setEmail(alice, PASSWORD, ADDRESS, readCode);
      const { promise: heard, resolve } = Promise.withResolvers<unknown>();
      const shown = { token: alice.accessToken ?? '', protocol: PROTOCOL_VERSION };
      const notice = (name: string, said: unknown) => resolve([name, said]);
      expect(await house.connect(shown, { notice, down: () => {} })).toMatchObject({ ok: true });
      const before = house.mailbox.mails.length;
      await secondBrowser();
      expect(await heard).toEqual(['account:changed', { what: 'signed_in' }]);
      expect(house.mailbox.mails.slice(before)).toMatchObject([{ to: ADDRESS }]);
    });
  },
);
