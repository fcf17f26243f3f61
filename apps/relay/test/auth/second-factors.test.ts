import type { FactorProof } from '@sotto/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  beginSignIn,
  changePassword,
  confirmed,
  expectDone,
  proveAddress,
  setEmail,
  setMailFactor,
  setRecoveryKey,
  setUpTotp,
} from '../http/account-flows.ts';
import { createPerson, type Person } from '../http/person.ts';
import { createTestRelay, type TestRelay } from '../http/test-relay.ts';

const PASSWORD = 'correct horse battery staple';
const ADDRESS = 'alice@example.org';
const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
const mailCode = (code: string): FactorProof => ({ method: 'mail', code });
const totpCode = (code: string): FactorProof => ({ method: 'totp', code });

describe.each(['memory', 'sqlite'] as const)('second factors, accounts in %s', (store) => {
  let house: TestRelay;
  let alice: Person;
  beforeEach(async () => {
    house = await createTestRelay({ store, quotas: { freeAttempts: 1000 } });
    alice = createPerson(house, 'alice');
    expectDone(await alice.register(PASSWORD));
  });
  afterEach(() => house.close());
  const readCode = () => house.mailbox.codeFor(ADDRESS);
  const useMail = async () => {
    await setEmail(alice, PASSWORD, ADDRESS, readCode);
    expectDone(await setMailFactor(alice, PASSWORD));
  };
  const sendCode = (ticket: Uint8Array) => alice.call('loginCode', { body: { ticket } });

  it('[AUTH20] alice signs in with a code by mail, and nothing of her vault leaves before it', async () => {
    await useMail();
    const wanted = await beginSignIn(alice, PASSWORD);
    expect(Object.keys(wanted).sort()).toEqual(['methods', 'state', 'ticket']);
    expect(wanted.methods).toEqual(['mail']);
    expectDone((await sendCode(wanted.ticket)).value);
    const code = readCode();
    expect(code).toMatch(/^\d{8}$/);
    const done = await alice.verify(wanted.ticket, mailCode(code));
    expect(done).toMatchObject({ state: 'signed_in', session: { username: 'alice' }, vault: { version: 0 } });
    expect(await alice.verify(wanted.ticket, mailCode(code))).toMatchObject({ code: 'ticket_invalid' });
    expect((await sendCode(wanted.ticket)).value).toMatchObject({ code: 'ticket_invalid' });
  });

  it('[AUTH21] a code serves only the sign-in it was sent for, and only while it is fresh', async () => {
    await useMail();
    const [first, second] = [await beginSignIn(alice, PASSWORD), await beginSignIn(alice, PASSWORD)];
    await sendCode(first.ticket);
    const code = readCode();
    await sendCode(second.ticket);
    expect(await alice.verify(second.ticket, mailCode(code))).toMatchObject({ code: 'code_wrong' });
    house.advance(300);
    expect(await alice.verify(first.ticket, mailCode(code))).toMatchObject({ code: 'code_wrong' });
    await sendCode(first.ticket);
    expect(readCode()).not.toBe(code);
    expect(await alice.verify(first.ticket, mailCode(readCode()))).toHaveProperty('session');
  });

  it('[AUTH22] of fifty wrong codes at the same moment five are looked at, and then not even the right one', async () => {
    const app = await setUpTotp(alice, PASSWORD, house.now);
    const { ticket } = await beginSignIn(alice, PASSWORD);
    const right = app.code(30);
    const wrong = Array.from({ length: 50 }, (_, i) => String(i).padStart(6, '0')).filter(
      (code) => ![app.code(-30), app.code(), right].includes(code),
    );
    const answers = await Promise.all(wrong.map((code) => alice.verify(ticket, totpCode(code))));
    const looked = answers.filter((answer) => 'code' in answer && answer.code === 'code_wrong');
    expect(looked).toHaveLength(5);
    expect(await alice.verify(ticket, totpCode(right))).toMatchObject({ code: 'ticket_invalid' });
  });

  it('[AUTH22] sending a code again gives a ticket no further tries', async () => {
    await useMail();
    const { ticket } = await beginSignIn(alice, PASSWORD);
    for (let i = 0; i < 5; i++) {
      await sendCode(ticket);
      expect(await alice.verify(ticket, mailCode('00000000'))).toMatchObject({ code: 'code_wrong' });
    }
    expect(await alice.verify(ticket, mailCode(readCode()))).toMatchObject({ code: 'ticket_invalid' });
  });

  it('[AUTH23] a code of the authenticator app serves once, one step early or late, and none before it again', async () => {
    const app = await setUpTotp(alice, PASSWORD, house.now);
    const signInWith = async (code: string) =>
      alice.verify((await beginSignIn(alice, PASSWORD)).ticket, totpCode(code));
    // The code that put it in force has served.
    expect(await signInWith(app.code())).toMatchObject({ code: 'code_wrong' });
    expect(await signInWith(app.code(60))).toMatchObject({ code: 'code_wrong' });
    expect(await signInWith(app.code(30))).toHaveProperty('session');
    expect(await signInWith(app.code(30))).toMatchObject({ code: 'code_wrong' });
    house.advance(60);
    expect(await signInWith(app.code(-30))).toMatchObject({ code: 'code_wrong' });
    expect(await signInWith(app.code())).toHaveProperty('session');
    house.advance(60);
    expect(await signInWith(app.code(-60))).toMatchObject({ code: 'code_wrong' });
    expect(await signInWith(app.code(-30))).toHaveProperty('session');
  });

  it('[AUTH23] of two sign-ins that show the same code at the same moment one gets in', async () => {
    const app = await setUpTotp(alice, PASSWORD, house.now);
    house.advance(60);
    const tickets = [];
    for (let i = 0; i < 5; i++) tickets.push((await beginSignIn(alice, PASSWORD)).ticket);
    const answers = await Promise.all(tickets.map((ticket) => alice.verify(ticket, totpCode(app.code()))));
    expect(answers.filter((answer) => 'session' in answer)).toHaveLength(1);
  });

  it('[AUTH24] ten recovery codes stand in for a factor, each once; new ones void the old', async () => {
    const { recoveryCodes } = await setUpTotp(alice, PASSWORD, house.now);
    expect(new Set(recoveryCodes).size).toBe(10);
    const [first = '', second = ''] = recoveryCodes;
    const signInWith = async (code: string) =>
      alice.verify((await beginSignIn(alice, PASSWORD)).ticket, { method: 'recovery_code', code });
    expect((await beginSignIn(alice, PASSWORD)).methods).toEqual(['totp', 'recovery_code']);
    expect(await signInWith(first)).toHaveProperty('session');
    expect((await alice.call('account')).value).toMatchObject({ recoveryCodesLeft: 9, factors: ['totp'] });
    expect(await signInWith(first)).toMatchObject({ code: 'code_wrong' });

    const tickets = [await beginSignIn(alice, PASSWORD), await beginSignIn(alice, PASSWORD)];
    const both = await Promise.all(
      tickets.map(({ ticket }) => alice.verify(ticket, { method: 'recovery_code', code: second })),
    );
    expect(both.filter((answer) => 'session' in answer)).toHaveLength(1);

    const confirmation = await confirmed(alice, PASSWORD);
    const renewed = await alice.call('renewRecoveryCodes', { body: { confirmation } });
    const [third = ''] = expectDone(renewed.value).recoveryCodes;
    expect(await signInWith(recoveryCodes[2] ?? '')).toMatchObject({ code: 'code_wrong' });
    expect(await signInWith(third)).toHaveProperty('session');
  });

  it('[AUTH24] the recovery key stands in for every factor, while the vault has a wrap of it', async () => {
    const proof = random(32);
    await setUpTotp(alice, PASSWORD, house.now);
    expect(await setRecoveryKey(alice, PASSWORD, proof)).toEqual({ version: 1 });
    const wanted = await beginSignIn(alice, PASSWORD);
    expect(wanted.methods).toEqual(['totp', 'recovery_code', 'recovery_key']);
    const show = (ticket: Uint8Array, shown: Uint8Array) =>
      alice.verify(ticket, { method: 'recovery_key', proof: shown });
    expect(await show(wanted.ticket, random(32))).toMatchObject({ code: 'code_wrong' });
    expect(await show(wanted.ticket, proof)).toHaveProperty('session');

    const confirmation = await confirmed(alice, PASSWORD);
    const vault = { bytes: new Uint8Array(8), after: 1 };
    expectDone((await alice.call('putVault', { body: { confirmation, vault } })).value);
    const after = await beginSignIn(alice, PASSWORD);
    expect(after.methods).toEqual(['totp', 'recovery_code']);
    expect(await show(after.ticket, proof)).toMatchObject({ code: 'code_wrong' });
  });

  it('[AUTH20] a method that is not on proves nothing', async () => {
    await setUpTotp(alice, PASSWORD, house.now);
    await setEmail(alice, PASSWORD, ADDRESS, readCode);
    const { ticket } = await beginSignIn(alice, PASSWORD);
    expect((await sendCode(ticket)).value).toMatchObject({ code: 'email_required' });
    for (const proof of [
      mailCode(readCode()),
      { method: 'recovery_key', proof: new Uint8Array(32) },
      { method: 'passkey', response: '{}' },
    ] as FactorProof[]) {
      expect(await alice.verify(ticket, proof)).toMatchObject({ code: 'code_wrong' });
    }
  });

  it('[AUTH20] nor does a code that was mailed before codes by mail were turned off', async () => {
    await useMail();
    const elsewhere = createPerson(house, 'alice');
    const { ticket } = await beginSignIn(elsewhere, PASSWORD);
    expectDone((await elsewhere.call('loginCode', { body: { ticket } })).value);
    const code = readCode();
    expectDone(await setMailFactor(alice, PASSWORD, false));
    expect(await elsewhere.verify(ticket, mailCode(code))).toMatchObject({ code: 'code_wrong' });
  });

  it('[AUTH25] a second factor that waits is void once the password changed', async () => {
    const app = await setUpTotp(alice, PASSWORD, house.now);
    const mallory = createPerson(house, 'alice');
    const { ticket } = await beginSignIn(mallory, PASSWORD);
    expect(await changePassword(alice, PASSWORD, 'another long password')).toMatchObject({ status: 200 });
    expect(await mallory.verify(ticket, totpCode(app.code(30)))).toMatchObject({ code: 'ticket_invalid' });
  });

  it('[AUTH26] what does not fit leaves factors as they are: wrong setup codes, foreign tickets, no address', async () => {
    const bob = createPerson(house, 'bob');
    expectDone(await bob.register(PASSWORD));
    const confirmation = await confirmed(alice, PASSWORD);
    const started = expectDone((await alice.call('startTotp', { body: { confirmation } })).value);
    expect(started.uri).toBe(
      `otpauth://totp/localhost%3A3000:alice?issuer=localhost%3A3000&secret=${started.secret}&algorithm=SHA1&digits=6&period=30`,
    );
    const finish = (person: Person, code: string) =>
      person.call('finishTotp', { body: { ticket: started.ticket, code } });
    expect((await finish(bob, '123456')).value).toMatchObject({ code: 'ticket_invalid' });
    for (let i = 0; i < 5; i++) {
      expect((await finish(alice, '12345678')).value).toMatchObject({ code: 'code_wrong' });
    }
    expect((await finish(alice, '123456')).value).toMatchObject({ code: 'ticket_invalid' });
    expect(await setMailFactor(alice, PASSWORD)).toMatchObject({ code: 'email_required' });
    expect((await alice.call('account')).value).toMatchObject({ factors: [], recoveryCodesLeft: 0 });
    expect(await alice.logIn(PASSWORD)).toMatchObject({ state: 'signed_in' });
  });

  it('[AUTH26] taking the last factor away takes the recovery codes with it', async () => {
    await setUpTotp(alice, PASSWORD, house.now);
    const confirmation = await confirmed(alice, PASSWORD);
    expectDone((await alice.call('removeTotp', { body: { confirmation } })).value);
    expect((await alice.call('account')).value).toMatchObject({ factors: [], recoveryCodesLeft: 0 });
    expect(await alice.logIn(PASSWORD)).toMatchObject({ state: 'signed_in' });
  });

  it('[AUTH20] an address that came with the account serves for codes, too', async () => {
    const carol = createPerson(house, 'carol');
    const email = await proveAddress(carol, 'carol@example.org', () =>
      house.mailbox.codeFor('carol@example.org'),
    );
    expectDone(await carol.register(PASSWORD, {}, { email }));
    expectDone(await setMailFactor(carol, PASSWORD));
    const { ticket } = await beginSignIn(carol, PASSWORD);
    await carol.call('loginCode', { body: { ticket } });
    const code = house.mailbox.codeFor('carol@example.org');
    expect(await carol.verify(ticket, mailCode(code))).toHaveProperty('session');
  });
});
