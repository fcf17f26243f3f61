import { type DeviceId, LIMITS } from '@sotto/protocol';
import { generateKeyPair, revokeDevice, verifyChain } from '@sotto/transparency';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  confirmed,
  expectDone,
  finishReset,
  forget,
  makeReset,
  makeResetBody,
  makeVault,
  provedReset,
  proveReset,
  setEmail,
  setMailFactor,
  setRecoveryKey,
  setUpTotp,
} from '../http/account-flows.ts';
import { createPerson, type Person } from '../http/person.ts';
import { createTestRelay, type TestRelay } from '../http/test-relay.ts';

const PASSWORD = 'correct horse battery staple';
const NEW_PASSWORD = 'a new and long password';
const ADDRESS = 'alice@example.org';
const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));

describe.each(['memory', 'sqlite'] as const)('a forgotten password, accounts in %s', (store) => {
  let house: TestRelay;
  let alice: Person;
  let elsewhere: Person;
  beforeEach(async () => {
    house = await createTestRelay({ store, quotas: { freeAttempts: 1000 } });
    alice = createPerson(house, 'alice');
    expectDone(await alice.register(PASSWORD));
    await setEmail(alice, PASSWORD, ADDRESS, readCode);
    elsewhere = createPerson(house, 'alice');
    Object.assign(elsewhere, { account: alice.account, chain: alice.chain, identity: alice.identity });
  });
  afterEach(() => house.close());
  const readCode = () => house.mailbox.codeFor(ADDRESS);
  const byMail = () => ({ method: 'mail', code: readCode() }) as const;

  it('[AUTH30] alice gets back in by mail: new password and vault, all sessions over, contacts notice nothing', async () => {
    const ticket = await forget(elsewhere);
    const proved = expectDone(await proveReset(elsewhere, ticket, byMail()));
    if (proved.state !== 'proved') throw new Error('expected the account to be proved');
    expect(proved.account).toEqual(alice.account);
    expect(new TextDecoder().decode(proved.vault.bytes)).toBe('vault of alice');
    const body = await makeResetBody(elsewhere, proved.ticket, NEW_PASSWORD);
    expect(await finishReset(elsewhere, body)).toMatchObject({ username: 'alice' });

    expect((await alice.call('account')).value).toMatchObject({ code: 'session_ended' });
    expect(await alice.refresh()).toMatchObject({ code: 'session_ended' });
    expect((await elsewhere.call('account')).value).toMatchObject({ vault: { version: 1 } });
    expect(await elsewhere.readChain(alice.account)).toHaveLength(1);
    expect(await alice.logIn(PASSWORD)).toMatchObject({ code: 'wrong_credentials' });
    expect(await alice.logIn(NEW_PASSWORD)).toMatchObject({ state: 'signed_in' });
    const last = house.mailbox.mails.at(-1);
    expect([last?.to, last?.text]).toEqual([ADDRESS, expect.stringContaining('alice')]);
    expect((await alice.call('sessions')).value).toMatchObject({
      signIns: [{ method: 'password' }, { method: 'reset', device: elsewhere.device }],
    });
  });

  it('[AUTH31] who lost the identity, too, starts a new one with the same step', async () => {
    const ticket = await provedReset(elsewhere, await forget(elsewhere), byMail());
    const { statements } = expectDone(
      (await elsewhere.call('resetPasswordChain', { body: { ticket } })).value,
    );
    expect(statements).toEqual(await alice.readChain());
    const fresh = generateKeyPair(random(32));
    const statement = makeReset(elsewhere, fresh, elsewhere.device, elsewhere.deviceKeys);
    const body = { ...(await makeResetBody(elsewhere, ticket, NEW_PASSWORD)), statement };
    expect(await finishReset(elsewhere, body)).toMatchObject({ username: 'alice' });
    const verified = verifyChain(alice.account, await elsewhere.readChain(alice.account));
    if (!verified.ok) throw new Error(verified.reason);
    expect(verified.state.identityKey).toEqual(fresh.publicKey);
    expect(verified.state.resets).toEqual([1]);
    // The devices of the old identity are out.
    expect(await alice.logIn(NEW_PASSWORD)).toMatchObject({ code: 'forbidden' });
    expect(await elsewhere.logIn(NEW_PASSWORD)).toMatchObject({ state: 'signed_in' });
  });

  it('[AUTH31] takes no other statement with it, and nothing then', async () => {
    const ticket = await provedReset(elsewhere, await forget(elsewhere), byMail());
    const other = random(16) as DeviceId;
    const keys = generateKeyPair(random(32));
    if (alice.chain === undefined) throw new Error('no chain');
    const statements = {
      'the reset of another device': makeReset(alice, generateKeyPair(random(32)), other, keys),
      'a revocation': revokeDevice(alice.chain, { signer: alice.identity, device: alice.device }).statement,
      'the first statement again': (await alice.readChain())[0],
      garbage: random(100),
    };
    const body = await makeResetBody(elsewhere, ticket, NEW_PASSWORD);
    for (const statement of Object.values(statements)) {
      expect(await finishReset(elsewhere, { ...body, statement })).toMatchObject({ code: 'chain_invalid' });
    }
    expect(await alice.readChain()).toHaveLength(1);
    expect(await alice.logIn(PASSWORD)).toMatchObject({ state: 'signed_in' });
  });

  it('[AUTH32] after the mail alice proves her second factor; the mailbox is not another one', async () => {
    const app = await setUpTotp(alice, PASSWORD, house.now);
    expectDone(await setMailFactor(alice, PASSWORD));
    const first = await forget(elsewhere);
    const wanted = expectDone(await proveReset(elsewhere, first, byMail()));
    if (wanted.state !== 'second_factor') throw new Error('expected a second factor');
    expect(Object.keys(wanted).sort()).toEqual(['methods', 'state', 'ticket']);
    expect(wanted.methods).toEqual(['totp', 'recovery_code']);
    expect(await proveReset(elsewhere, first, byMail())).toMatchObject({ code: 'ticket_invalid' });
    expect(await proveReset(elsewhere, wanted.ticket, byMail())).toMatchObject({ code: 'code_wrong' });
    expect(await proveReset(elsewhere, wanted.ticket, { method: 'totp', code: '000000' })).toMatchObject({
      code: 'code_wrong',
    });
    const ticket = await provedReset(elsewhere, wanted.ticket, { method: 'totp', code: app.code(30) });
    const body = await makeResetBody(elsewhere, ticket, NEW_PASSWORD);
    expect(await finishReset(elsewhere, body)).toMatchObject({ username: 'alice' });
    expect((await elsewhere.call('account')).value).toMatchObject({ factors: ['mail', 'totp'] });
  });

  it('[AUTH32] the recovery key proves all by itself, without any mailbox', async () => {
    const proof = random(32);
    expectDone(await setRecoveryKey(alice, PASSWORD, proof));
    await setUpTotp(alice, PASSWORD, house.now);
    const shown = await forget(elsewhere);
    expect(await proveReset(elsewhere, shown, { method: 'recovery_key', proof: random(32) })).toMatchObject({
      code: 'code_wrong',
    });
    const ticket = await provedReset(elsewhere, shown, { method: 'recovery_key', proof });
    const body = await makeResetBody(elsewhere, ticket, NEW_PASSWORD, 1);
    const vault = makeVault('vault after a reset', 1, proof);
    expect(await finishReset(elsewhere, { ...body, vault })).toMatchObject({ username: 'alice' });
    expect((await elsewhere.call('account')).value).toMatchObject({ recoveryKey: true });
  });

  it('[AUTH33] a proof of the reset serves until it took effect, and then no more', async () => {
    const ticket = await provedReset(elsewhere, await forget(elsewhere), byMail());
    const body = await makeResetBody(elsewhere, ticket, NEW_PASSWORD);
    const moved = { ...body, vault: makeVault('too far ahead', 7) };
    expect(await finishReset(elsewhere, moved)).toMatchObject({ code: 'vault_conflict' });
    expect(await finishReset(elsewhere, { ...body, record: new Uint8Array(192) })).toMatchObject({
      code: 'bad_request',
    });
    const twice = await Promise.all([finishReset(elsewhere, body), finishReset(elsewhere, body)]);
    expect(twice.filter((answer) => 'accessToken' in answer)).toHaveLength(1);
    const again = { ...body, vault: makeVault('again', 1) };
    expect(await finishReset(elsewhere, again)).toMatchObject({ code: 'ticket_invalid' });
    for (const name of ['resetPasswordRecord', 'resetPasswordChain'] as const) {
      const { value } = await elsewhere.call(name, {
        body: { ticket, ...(name === 'resetPasswordRecord' && { request: random(32) }) },
      });
      expect(value).toMatchObject({ code: 'ticket_invalid' });
    }
  });

  it('[AUTH33] is void once the password was changed, and half an hour later', async () => {
    const late = await provedReset(elsewhere, await forget(elsewhere), byMail());
    const lateBody = await makeResetBody(elsewhere, late, NEW_PASSWORD);
    house.advance(1800);
    expect(await finishReset(elsewhere, lateBody)).toMatchObject({ code: 'ticket_invalid' });
    const [first, second] = [
      await provedReset(elsewhere, await forget(elsewhere), byMail()),
      await provedReset(elsewhere, await forget(elsewhere), byMail()),
    ];
    const body = await makeResetBody(elsewhere, second, 'yet another password', 1);
    expectDone(await finishReset(elsewhere, await makeResetBody(elsewhere, first, NEW_PASSWORD)));
    expect(await finishReset(elsewhere, body)).toMatchObject({ code: 'ticket_invalid' });
  });

  it('[AUTH34] names that nobody has, or that have no address, get the same answer and the same mail to nobody', async () => {
    const bob = createPerson(house, 'bobby');
    expectDone(await bob.register(PASSWORD));
    const seen = [];
    for (const name of ['alice', 'bobby', 'carol']) {
      const stranger = createPerson(house, name, { address: '198.51.100.5' });
      const before = house.mailbox.mails.length;
      const ticket = await forget(stranger);
      const mail = house.mailbox.mails.at(-1);
      const resent = await stranger.call('loginCode', { body: { ticket } });
      const wrong = await proveReset(stranger, ticket, { method: 'mail', code: '00000000' });
      const key = await proveReset(stranger, ticket, { method: 'recovery_key', proof: random(32) });
      seen.push({
        to: mail?.to,
        alike: {
          size: ticket.length,
          mails: house.mailbox.mails.length - before,
          text: mail?.text.replace(name, '').length,
          expires: mail?.expiresAt,
          resent,
          wrong,
          key,
        },
      });
    }
    expect(seen.map(({ to }) => to)).toEqual([ADDRESS, undefined, undefined]);
    expect(seen[1]?.alike).toEqual(seen[0]?.alike);
    expect(seen[2]?.alike).toEqual(seen[0]?.alike);
  });

  it('[AUTH34] the code of a mail to nobody opens nothing', async () => {
    const bob = createPerson(house, 'bob');
    expectDone(await bob.register(PASSWORD));
    const ticket = await forget(bob);
    const code = /\b\d{8}\b/.exec(house.mailbox.mails.at(-1)?.text ?? '')?.[0] ?? '';
    expect(await proveReset(bob, ticket, { method: 'mail', code })).toMatchObject({ code: 'code_wrong' });
  });

  it('[AUTH35] fifty guesses at a code at the same moment are five, and a flood fills no mailbox', async () => {
    const ticket = await forget(elsewhere);
    const guesses = Array.from({ length: 50 }, (_, i) => String(i).padStart(8, '0'));
    const answers = await Promise.all(
      guesses.map((code) => proveReset(elsewhere, ticket, { method: 'mail', code })),
    );
    const looked = answers.filter((answer) => 'code' in answer && answer.code === 'code_wrong');
    expect(looked).toHaveLength(LIMITS.codeTries);

    const mallory = createPerson(house, 'alice', { address: '198.51.100.66' });
    const before = house.mailbox.mails.length;
    for (let i = 0; i < 8; i++) await forget(mallory);
    const mails = house.mailbox.mails.slice(before);
    expect(mails.map(({ to }) => to !== undefined)).toEqual([
      ...Array(5).fill(true),
      ...Array(3).fill(false),
    ]);
    // The owner's own mail still comes: this network has asked for little.
    await forget(elsewhere);
    expect(house.mailbox.mails.at(-1)?.to).toBe(ADDRESS);
  });

  it('[AUTH30] other proofs, other tickets and other people get no further', async () => {
    const ticket = await forget(elsewhere);
    for (const proof of [
      { method: 'totp', code: '123456' },
      { method: 'passkey', response: '{}' },
      { method: 'recovery_code', code: '00000-00000' },
    ] as const) {
      expect(await proveReset(elsewhere, ticket, proof)).toMatchObject({ code: 'code_wrong' });
    }
    const confirmation = await confirmed(alice, PASSWORD);
    for (const foreign of [confirmation, random(64), ticket.slice(0, -1)]) {
      expect(await proveReset(elsewhere, foreign, byMail())).toMatchObject({ code: 'ticket_invalid' });
    }
    const proved = await provedReset(elsewhere, ticket, byMail());
    const verify = await elsewhere.verify(proved, byMail());
    expect(verify).toMatchObject({ code: 'ticket_invalid' });
    const body = { ...(await makeResetBody(elsewhere, proved, NEW_PASSWORD)), ticket };
    expect(await finishReset(elsewhere, body)).toMatchObject({ code: 'ticket_invalid' });
  });
});
