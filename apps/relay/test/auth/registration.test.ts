import { createHash } from 'node:crypto';
import { decodeCbor } from '@sotto/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { expectDone, proveAddress } from '../http/account-flows.ts';
import { createPerson } from '../http/person.ts';
import { createTestRelay, type TestRelay, type TestRelayOptions } from '../http/test-relay.ts';

let house: TestRelay;
afterEach(() => house.close());
const open = async (options?: TestRelayOptions) => {
  house = await createTestRelay(options);
  return house;
};
const PASSWORD = 'correct horse battery staple';
const ADDRESS = 'bob@example.org';
const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
const invite = async (uses: number, seconds = 3600) => {
  const link = random(32);
  const hash = new Uint8Array(createHash('sha256').update(link).digest());
  const times = { createdAt: house.now(), expiresAt: house.now() + seconds * 1000 };
  await house.accountStores.invites.create({ hash, uses, ...times });
  return link;
};
const readCode = () => house.mailbox.codeFor(ADDRESS);

describe.each(['memory', 'sqlite'] as const)('making an account, in %s', (store) => {
  it('[AUTH16] nothing begins without a proof of work, and each serves once', async () => {
    await open({ store });
    const bob = createPerson(house, 'bob');
    const work = await bob.solveWork();
    expect(await bob.register(PASSWORD, {}, { work: '{}' })).toMatchObject({ code: 'work_invalid' });
    expectDone(await bob.register(PASSWORD, {}, { work }));
    const carol = createPerson(house, 'carol');
    expect(await carol.register(PASSWORD, {}, { work })).toMatchObject({ code: 'work_invalid' });
    const asked = { username: 'bob', work };
    expect((await carol.call('forgotPassword', { body: asked })).value).toMatchObject({
      code: 'work_invalid',
    });
    const mail = { email: ADDRESS, work };
    expect((await carol.call('registerEmail', { body: mail })).value).toMatchObject({ code: 'work_invalid' });
    expect(house.mailbox.mails).toEqual([]);
  });

  it('[AUTH17] who tries a name learns at the end whether it is taken, and has used up an account of this hour', async () => {
    await open({ store, quotas: { registrationsPerHour: 3 } });
    expectDone(await createPerson(house, 'alice').register(PASSWORD));
    const start = async (name: string) => {
      const stranger = createPerson(house, name);
      const body = { username: name, request: opaqueRequest, work: await stranger.solveWork() };
      const { status, value } = await stranger.call('register', { body });
      const { ticket, response } = expectDone(value);
      return { status, ticket: ticket.length, response: response.length };
    };
    expect(await start('alice')).toEqual(await start('nobdy'));
    for (const [name, code] of [
      ['alice', 'username_taken'],
      ['alice', 'username_taken'],
      ['alice', 'rate_limited'],
    ] as const) {
      expect(await createPerson(house, name).register(PASSWORD)).toMatchObject({ code });
    }
    expect(await createPerson(house, 'free').register(PASSWORD)).toMatchObject({ code: 'rate_limited' });
  });

  it('[AUTH4] the last leg serves once: replayed, it makes no account and opens no session', async () => {
    await open({ store });
    const sent: Parameters<TestRelay['call']>[] = [];
    const tapped: TestRelay = {
      ...house,
      call(...request) {
        if (request[1] === '/auth/register/finish') sent.push(request);
        return house.call(...request);
      },
    };
    const bob = createPerson(tapped, 'bob');
    expectDone(await bob.register(PASSWORD));
    const [replayed] = sent;
    if (replayed === undefined) throw new Error('nothing was sent');
    for (let i = 0; i < 2; i++) {
      const { status, body, headers } = await house.call(...replayed);
      expect([status, decodeCbor(body, 100)]).toEqual([400, { ok: false, code: 'ticket_invalid' }]);
      expect(headers['set-cookie']).toBeUndefined();
    }
    expect(await bob.refresh()).toMatchObject({ username: 'bob' });
  });

  it('[AUTH18] by invitation: each lets in as many as it is for, while it lasts', async () => {
    await open({ store, registration: 'invite' });
    const link = await invite(1);
    const as = (name: string, shown?: Uint8Array) =>
      createPerson(house, name).register(PASSWORD, {}, shown === undefined ? {} : { invite: shown });
    expect(await as('bob')).toMatchObject({ code: 'invite_invalid' });
    expect(await as('bob', random(32))).toMatchObject({ code: 'invite_invalid' });
    expect(await as('bob', await invite(1, 0))).toMatchObject({ code: 'invite_invalid' });
    expect(await as('bob', link)).toMatchObject({ username: 'bob' });
    expect(await as('carol', link)).toMatchObject({ code: 'invite_invalid' });
    expect((await createPerson(house, 'bob').call('about')).value).toMatchObject({ registration: 'invite' });
  });

  it('[AUTH18] of two who use the last use at the same moment one gets in; a taken name costs no use', async () => {
    await open({ store, registration: 'invite' });
    const link = await invite(2);
    expectDone(await createPerson(house, 'alice').register(PASSWORD, {}, { invite: link }));
    expect(await createPerson(house, 'alice').register(PASSWORD, {}, { invite: link })).toMatchObject({
      code: 'username_taken',
    });
    const answers = await Promise.all(
      ['bob', 'carol'].map((name) => createPerson(house, name).register(PASSWORD, {}, { invite: link })),
    );
    expect(answers.filter((answer) => 'accessToken' in answer)).toHaveLength(1);
    expect(answers).toContainEqual({ ok: false, code: 'invite_invalid' });
  });

  it('[AUTH18] closed is closed, invited or not', async () => {
    await open({ store, registration: 'closed' });
    const bob = createPerson(house, 'bob');
    const registering = { invite: await invite(1) };
    expect(await bob.register(PASSWORD, {}, registering)).toMatchObject({ code: 'registration_closed' });
    const mail = { email: ADDRESS, work: await bob.solveWork() };
    expect((await bob.call('registerEmail', { body: mail })).value).toMatchObject({
      code: 'registration_closed',
    });
    expect((await bob.call('about')).value).toMatchObject({ registration: 'closed' });
  });

  it('[AUTH19] an address goes with the account once a code came back from there', async () => {
    await open({ store });
    const bob = createPerson(house, 'bob');
    const email = await proveAddress(bob, ADDRESS, readCode);
    expectDone(await bob.register(PASSWORD, {}, { email }));
    expect((await bob.call('account')).value).toMatchObject({ email: ADDRESS, factors: [] });
    // The same proof serves for another try, and for half an hour.
    const carol = createPerson(house, 'carol');
    expectDone(await carol.register(PASSWORD, {}, { email }));
    house.advance(1800);
    expect(await createPerson(house, 'dave').register(PASSWORD, {}, { email })).toMatchObject({
      code: 'ticket_invalid',
    });
  });

  it('[AUTH19] and not before: wrong codes, other tickets, another code', async () => {
    await open({ store, requireEmail: true });
    const bob = createPerson(house, 'bob');
    const body = { email: ADDRESS, work: await bob.solveWork() };
    const { ticket } = expectDone((await bob.call('registerEmail', { body })).value);
    const verify = async (code: string) =>
      (await bob.call('registerEmailVerify', { body: { ticket, code } })).value;
    expect(await bob.register(PASSWORD, {}, { email: ticket })).toMatchObject({ code: 'ticket_invalid' });
    expect(await bob.register(PASSWORD)).toMatchObject({ code: 'email_required' });
    const wrong = await Promise.all(Array.from({ length: 50 }, () => verify('00000000')));
    expect(new Set(wrong.map((answer) => ('code' in answer ? answer.code : 'proved')))).toEqual(
      new Set(['code_wrong']),
    );
    expect(await verify(readCode())).toMatchObject({ code: 'code_wrong' });
    const email = await proveAddress(bob, ADDRESS, readCode);
    expectDone(await bob.register(PASSWORD, {}, { email }));
  });
});

const opaqueRequest = new Uint8Array(
  // A point of ristretto255: the generator (RFC 9496 §A.1).
  Buffer.from('e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76', 'hex'),
);

it('[AUTH35] mails to strangers are limited by network and by mailbox, whoever asks', async () => {
  await open({ quotas: { mailsPerNetwork: 6, mailsPerMailbox: 2 } });
  const ask = async (email: string, address: string) => {
    const stranger = createPerson(house, 'bob', { address });
    const body = { email, work: await stranger.solveWork() };
    const { value } = await stranger.call('registerEmail', { body });
    return 'code' in value ? value.code : 'sent';
  };
  const asked = [];
  for (const email of ['a', 'a', 'A', 'b', 'c', 'd', 'e']) {
    asked.push(await ask(`${email}@example.org`, '198.51.100.1'));
  }
  expect(asked).toEqual(['sent', 'sent', 'rate_limited', 'sent', 'sent', 'sent', 'rate_limited']);
  // A mailbox that ten others wrote to still gets the first mail of a network that asks for the first time, and no second.
  for (let i = 2; i < 12; i++) await ask('f@example.org', `198.51.100.${i}`);
  expect(await ask('f@example.org', '198.51.100.20')).toBe('sent');
  expect(await ask('f@example.org', '198.51.100.20')).toBe('rate_limited');
  house.advance(3600);
  expect(await ask('f@example.org', '198.51.100.20')).toBe('sent');
});
