import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  changePassword,
  confirm,
  confirmed,
  expectDone,
  makeVault,
  proveAddress,
  setEmail,
  setMailFactor,
  setRecoveryKey,
} from './account-flows.ts';
import { createPerson, type Person } from './person.ts';
import { createTestRelay, type TestRelay } from './test-relay.ts';

const PASSWORD = 'correct horse battery staple';
const NEW_PASSWORD = 'a new and long password';
const ADDRESS = 'alice@example.org';
const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));

describe.each(['memory', 'sqlite'] as const)('what alice does with her account, in %s', (store) => {
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

  it('[HTTP23] she sees how it is secured', async () => {
    expect((await alice.call('account')).value).toEqual({
      vault: { bytes: new TextEncoder().encode('vault of alice'), version: 0 },
      factors: [],
      recoveryCodesLeft: 0,
      passkeys: [],
      recoveryKey: false,
    });
    await setEmail(alice, PASSWORD, ADDRESS, readCode);
    expectDone(await setMailFactor(alice, PASSWORD));
    expectDone(await setRecoveryKey(alice, PASSWORD, random(32)));
    expect((await alice.call('account')).value).toMatchObject({
      email: ADDRESS,
      factors: ['mail'],
      recoveryKey: true,
      vault: { version: 1 },
    });
  });

  it('[AUTH36] a confirmation wants the password, and serves one change of its own session, for five minutes', async () => {
    expect(await confirm(alice, 'a wrong guess')).toMatchObject({ code: 'wrong_credentials' });
    const put = async (person: Person, confirmation: Uint8Array, after: number) => {
      const body = { confirmation, vault: makeVault('next', after) };
      return (await person.call('putVault', { body })).value;
    };
    const once = await confirmed(alice, PASSWORD);
    expect(await put(alice, once, 0)).toEqual({ version: 1 });
    expect(await put(alice, once, 1)).toMatchObject({ code: 'confirmation_invalid' });

    const other = await secondBrowser();
    const bob = createPerson(house, 'bob');
    expectDone(await bob.register(PASSWORD));
    const kept = await confirmed(alice, PASSWORD);
    expect(await put(other, kept, 1)).toMatchObject({ code: 'confirmation_invalid' });
    expect(await put(bob, kept, 0)).toMatchObject({ code: 'confirmation_invalid' });
    expect(await put(alice, random(80), 1)).toMatchObject({ code: 'confirmation_invalid' });
    expect(await put(alice, kept, 1)).toEqual({ version: 2 });

    const late = await confirmed(alice, PASSWORD);
    house.advance(300);
    expect(await put(alice, late, 2)).toMatchObject({ code: 'confirmation_invalid' });
  });

  it('[AUTH36] a guess at the password from an open session is a failed sign-in', async () => {
    await house.close();
    house = await createTestRelay({ store });
    alice = createPerson(house, 'alice');
    expectDone(await alice.register(PASSWORD));
    for (let i = 0; i < 5; i++) await confirm(alice, 'a wrong guess');
    expect(await confirm(alice, 'a wrong guess')).toMatchObject({ code: 'rate_limited', retryAfter: 1 });
    house.advance(1);
    expect(await confirm(alice, PASSWORD)).toBeInstanceOf(Uint8Array);
    expect(await confirm(alice, PASSWORD)).toBeInstanceOf(Uint8Array);
  });

  it('[AUTH36] the last message of a confirmation serves once, for its own session', async () => {
    const started = await alice.provePassword(PASSWORD, async (request) => {
      return (await alice.call('confirm', { body: { request } })).value;
    });
    if ('code' in started) throw new Error(started.code);
    const body = { ticket: started.ticket, finish: started.finish };
    expect((await alice.call('confirmFinish', { body })).status).toBe(200);
    expect((await alice.call('confirmFinish', { body })).value).toMatchObject({ code: 'ticket_invalid' });
    const other = await secondBrowser();
    const again = await alice.provePassword(PASSWORD, async (request) => {
      return (await alice.call('confirm', { body: { request } })).value;
    });
    if ('code' in again) throw new Error(again.code);
    const foreign = { ticket: again.ticket, finish: again.finish };
    expect((await other.call('confirmFinish', { body: foreign })).value).toMatchObject({
      code: 'ticket_invalid',
    });
    expect(
      (await alice.call('loginFinish', { body: { ...foreign, device: alice.device } })).value,
    ).toMatchObject({ code: 'ticket_invalid' });
  });

  it('[AUTH37] a new password takes a new vault with it and ends every other session', async () => {
    await setEmail(alice, PASSWORD, ADDRESS, readCode);
    const other = await secondBrowser();
    const changed = await changePassword(alice, PASSWORD, NEW_PASSWORD);
    expect(changed).toMatchObject({ status: 200 });
    expect(await isIn(alice)).toBe(true);
    expect((await other.call('account')).value).toMatchObject({ code: 'session_ended' });
    expect(await other.logIn(PASSWORD)).toMatchObject({ code: 'wrong_credentials' });
    const back = await other.logIn(NEW_PASSWORD);
    expect(back).toMatchObject({ vault: { version: 1 } });
    expect(house.mailbox.mails.some(({ to, subject }) => to === ADDRESS && /password/i.test(subject))).toBe(
      true,
    );

    if (!('body' in changed)) throw new Error('expected a change');
    const replay = { ...changed.body, vault: makeVault('replayed', 1) };
    expect((await alice.call('changePasswordFinish', { body: replay })).value).toMatchObject({
      code: 'ticket_invalid',
    });
  });

  it('[AUTH38] of two changes of the vault one takes effect; nothing else changes with the other', async () => {
    const other = await secondBrowser();
    const put = async (person: Person, text: string) => {
      const confirmation = await confirmed(person, PASSWORD);
      return (await person.call('putVault', { body: { confirmation, vault: makeVault(text, 0) } })).value;
    };
    const answers = await Promise.all([put(alice, 'one'), put(other, 'two')]);
    expect(answers).toContainEqual({ version: 1 });
    expect(answers).toContainEqual({ ok: false, code: 'vault_conflict' });
    const changed = await changePassword(other, PASSWORD, NEW_PASSWORD, 0);
    expect(changed).toMatchObject({ value: { code: 'vault_conflict' } });
    expect(await isIn(alice)).toBe(true);
    expect(await alice.logIn(PASSWORD)).toMatchObject({ vault: { version: 1 } });
  });

  it('[AUTH39] an address counts when its code came back; the one before is told', async () => {
    const confirmation = await confirmed(alice, PASSWORD);
    const started = await alice.call('setEmail', { body: { confirmation, email: ADDRESS } });
    const { ticket } = expectDone(started.value);
    for (let i = 0; i < 5; i++) {
      const body = { ticket, code: '00000000' };
      expect((await alice.call('setEmailVerify', { body })).value).toMatchObject({ code: 'code_wrong' });
    }
    const body = { ticket, code: readCode() };
    expect((await alice.call('setEmailVerify', { body })).value).toMatchObject({ code: 'code_wrong' });
    expect((await alice.call('account')).value).not.toHaveProperty('email');

    await setEmail(alice, PASSWORD, ADDRESS, readCode);
    await setEmail(alice, PASSWORD, 'new@example.org', () => house.mailbox.codeFor('new@example.org'));
    expect((await alice.call('account')).value).toMatchObject({ email: 'new@example.org' });
    expect(house.mailbox.mails.at(-1)).toMatchObject({ to: ADDRESS });
  });

  it('[AUTH39] taking the address away ends codes by mail', async () => {
    await setEmail(alice, PASSWORD, ADDRESS, readCode);
    expectDone(await setMailFactor(alice, PASSWORD));
    const confirmation = await confirmed(alice, PASSWORD);
    expectDone((await alice.call('removeEmail', { body: { confirmation } })).value);
    expect((await alice.call('account')).value).toMatchObject({ factors: [] });
    expect(await alice.logIn(PASSWORD)).toMatchObject({ state: 'signed_in' });
  });
});

it('[AUTH39] without a mail server nothing that needs one begins', async () => {
  const house = await createTestRelay({ mail: 'off' });
  const alice = createPerson(house, 'alice');
  expectDone(await alice.register(PASSWORD));
  const confirmation = await confirmed(alice, PASSWORD);
  const email = ADDRESS;
  expect((await alice.call('setEmail', { body: { confirmation, email } })).value).toMatchObject({
    code: 'mail_off',
  });
  const work = await alice.solveWork();
  expect((await alice.call('registerEmail', { body: { email, work } })).value).toMatchObject({
    code: 'mail_off',
  });
  expect((await alice.call('about')).value).toMatchObject({ mail: false, emailRequired: false });
  await house.close();
});

it('[AUTH39] where an address is wanted, none is taken away and none left out', async () => {
  const house = await createTestRelay({ requireEmail: true });
  const alice = createPerson(house, 'alice');
  expect(await alice.register(PASSWORD)).toMatchObject({ code: 'email_required' });
  const email = await proveAddress(alice, ADDRESS, () => house.mailbox.codeFor(ADDRESS));
  expectDone(await alice.register(PASSWORD, {}, { email }));
  const confirmation = await confirmed(alice, PASSWORD);
  expect((await alice.call('removeEmail', { body: { confirmation } })).value).toMatchObject({
    code: 'email_required',
  });
  expect((await alice.call('about')).value).toMatchObject({ mail: true, emailRequired: true });
  await house.close();
});
