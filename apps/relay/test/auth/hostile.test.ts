import { LIMITS } from '@sotto/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { changeProofs } from '../../src/auth/account-proofs.ts';
import { openMemoryStores } from '../../src/open-stores.ts';
import {
  beginSignIn,
  expectDone,
  finishReset,
  forget,
  makeResetBody,
  provedReset,
  setEmail,
  setRecoveryKey,
  setUpTotp,
} from '../http/account-flows.ts';
import { createPerson } from '../http/person.ts';
import { createTestRelay, type TestRelay, type TestRelayOptions } from '../http/test-relay.ts';

const PASSWORD = 'correct horse battery staple';
const NEW_PASSWORD = 'a new and long password';
const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));

describe('a hostile client', () => {
  let house: TestRelay;
  afterEach(() => house.close());

  async function start(options: TestRelayOptions = {}) {
    house = await createTestRelay(options);
    const alice = createPerson(house, 'alice');
    expectDone(await alice.register(PASSWORD));
    return alice;
  }

  it('[AUTH41] who is disabled while a reset takes effect is out all the same', async () => {
    const { accountStores: stores } = openMemoryStores();
    const proof = random(32);
    const alice = await start({
      accountStores: {
        ...stores,
        credentials: {
          ...stores.credentials,
          async change(change) {
            const changed = await stores.credentials.change(change);
            if (change.session !== undefined)
              await changeProofs(house.accountStores.records, change.account, (proofs) => ({
                ...proofs,
                disabled: true,
              }));
            return changed;
          },
        },
      },
    });
    expectDone(await setRecoveryKey(alice, PASSWORD, proof));
    const ticket = await provedReset(alice, await forget(alice), { method: 'recovery_key', proof });
    const body = await makeResetBody(alice, ticket, NEW_PASSWORD, 1);
    expect(await finishReset(alice, body)).toMatchObject({ code: 'account_disabled' });
    expect(await stores.sessions.list(alice.account, house.now())).toEqual([]);
  });

  it('[AUTH80] who knows the password guesses no code of the app from a thousand networks', async () => {
    const alice = await start();
    const app = await setUpTotp(alice, PASSWORD, house.now);
    const isRight = (code: string) => [-30, 0, 30].some((later) => app.code(later) === code);
    const guess = async (i: number) => {
      const mallory = createPerson(house, 'alice', { address: `2001:db8:${i.toString(16)}::1` });
      const { ticket } = await beginSignIn(mallory, PASSWORD);
      const code = String(i).padStart(6, '0');
      return mallory.verify(ticket, { method: 'totp', code: isRight(code) ? '999999' : code });
    };
    const codes = [];
    for (let i = 0; i < 25; i++) codes.push((await guess(i)) as { code: string });
    expect(codes.map(({ code }) => code)).toEqual([
      ...Array(20).fill('code_wrong'),
      ...Array(5).fill('rate_limited'),
    ]);
    // Not even the right one; what is not guessed goes on opening.
    const { ticket } = await beginSignIn(alice, PASSWORD);
    expect(await alice.verify(ticket, { method: 'totp', code: app.code(30) })).toMatchObject({
      code: 'rate_limited',
      retryAfter: expect.any(Number),
    });
    const [recovery = ''] = app.recoveryCodes;
    expect(await alice.verify(ticket, { method: 'recovery_code', code: recovery })).toHaveProperty('session');
    house.advance(3600);
    const later = await beginSignIn(alice, PASSWORD);
    expect(await alice.verify(later.ticket, { method: 'totp', code: app.code() })).toHaveProperty('session');
  });

  it('[AUTH80] sixty wrong codes of the app are all that a day takes, and right ones cost nothing', async () => {
    const alice = await start({ quotas: { freeAttempts: 10_000 } });
    const app = await setUpTotp(alice, PASSWORD, house.now);
    const verify = async (code: string) => {
      const { ticket } = await beginSignIn(alice, PASSWORD);
      return alice.verify(ticket, { method: 'totp', code });
    };
    const wrong = async () => {
      const taken = [-30, 0, 30].map((later) => app.code(later));
      const code = ['000000', '000001', '000002', '000003'].find((one) => !taken.includes(one)) ?? '';
      return ((await verify(code)) as { code: string }).code;
    };
    for (let hour = 0; hour < 3; hour++) {
      for (let i = 0; i < 20; i++) expect(await wrong()).toBe('code_wrong');
      house.advance(3600);
    }
    expect(await wrong()).toBe('rate_limited');
    house.advance(21 * 3600);
    for (let i = 0; i < 25; i++) {
      house.advance(60);
      expect(await verify(app.code())).toHaveProperty('session');
    }
    expect(await wrong()).toBe('code_wrong');
  });

  it('[AUTH81] who signs in again and again fills no store: those that were renewed longest ago end', async () => {
    const alice = await start();
    for (let i = 0; i < LIMITS.listedSessions; i++) {
      house.advance(1);
      if (i === 100) expectDone(await alice.refresh());
      expectDone(await createPerson(house, 'alice').logIn(PASSWORD));
    }
    const open = await house.accountStores.sessions.list(alice.account, house.now());
    expect(open).toHaveLength(LIMITS.listedSessions);
    // Still in use, though the oldest.
    expect((await alice.call('account')).status).toBe(200);
  });

  it('[AUTH82] who has many networks of one customer keeps nobody from their mail', async () => {
    const alice = await start();
    const address = 'alice@example.org';
    await setEmail(alice, PASSWORD, address, () => house.mailbox.codeFor(address));
    const before = house.mailbox.mails.length;
    for (let i = 0; i < 120; i++) {
      await forget(createPerson(house, 'alice', { address: `2001:db8:7:${i.toString(16)}::1` }));
    }
    const sent = house.mailbox.mails.slice(before).filter(({ to }) => to !== undefined);
    expect(sent).toHaveLength(5);
    await forget(alice);
    expect(house.mailbox.mails.at(-1)?.to).toBe(address);
  });

  it('[AUTH83] nor uses up the mail of everybody, nor the names', async () => {
    await start({ quotas: { mailsPerNetwork: 2, registrationsPerHour: 2 } });
    const from = (i: number) => ({ address: `2001:db8:7:${i.toString(16)}::1` });
    const asks = async (i: number) => {
      const person = createPerson(house, 'nobody', from(i));
      const body = { username: person.username, work: await person.solveWork() };
      return (await person.call('forgotPassword', { body })).status;
    };
    const registers = async (i: number) => {
      const value = await createPerson(house, `mallory${i}`, from(i)).register(PASSWORD);
      return 'code' in value ? value.code : 'made';
    };
    for (let i = 0; i < 16; i++) expect([await asks(i), await registers(i)]).toEqual([200, 'made']);
    expect([await asks(16), await registers(16)]).toEqual([429, 'rate_limited']);
    const bob = createPerson(house, 'bob', { address: '2001:db8:8::1' });
    expectDone(await bob.register(PASSWORD));
    await forget(bob);
  });

  it('[AUTH84] who took over a mailbox has nothing of a reset once its owner changed the address, or a factor', async () => {
    const alice = await start();
    const taken = 'alice@example.org';
    await setEmail(alice, PASSWORD, taken, () => house.mailbox.codeFor(taken));
    const mallory = createPerson(house, 'alice', { address: '198.51.100.66' });
    const prove = async () =>
      provedReset(mallory, await forget(mallory), { method: 'mail', code: house.mailbox.codeFor(taken) });
    const [first, second] = [await prove(), await prove()];
    const bodies = [
      await makeResetBody(mallory, first, NEW_PASSWORD),
      await makeResetBody(mallory, second, NEW_PASSWORD),
    ];
    await setUpTotp(alice, PASSWORD, house.now);
    expect(await finishReset(mallory, bodies[0] ?? {})).toMatchObject({ code: 'ticket_invalid' });
    const address = 'alice@example.net';
    await setEmail(alice, PASSWORD, address, () => house.mailbox.codeFor(address));
    expect(await finishReset(mallory, bodies[1] ?? {})).toMatchObject({ code: 'ticket_invalid' });
    expect((await alice.call('account')).status).toBe(200);
  });

  it('[AUTH85] a session that was stolen keeps nobody from signing in by renaming itself without end', async () => {
    const alice = await start();
    const rename = async () =>
      (await alice.call('setLabel', { body: { label: random(40) } })).value as { code?: string };
    for (let i = 0; i < 60; i++) expect(await rename()).toEqual({});
    expect(await rename()).toMatchObject({ code: 'rate_limited', retryAfter: expect.any(Number) });
    house.advance(3600);
    expectDone(await alice.refresh());
    expect(await rename()).toEqual({});
  });
});
