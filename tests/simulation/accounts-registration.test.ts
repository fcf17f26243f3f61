import { createHash } from 'node:crypto';
import { encodeBase64Url } from '@sotto/protocol';
import { createInProcessRelay } from '@sotto/relay/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { addressOf, createMailWorld, isReady, type MailWorld, registerWithEmail } from './account-cast.ts';
import { type Device, PASSWORD } from './harness.ts';

const open: MailWorld[] = [];
async function begin(options: Parameters<typeof createMailWorld>[0] = {}): Promise<MailWorld> {
  const scene = await createMailWorld(options);
  open.push(scene);
  return scene;
}

/** Names of the routes that a device calls from now on. */
function listen(device: Device): string[] {
  const calls: string[] = [];
  device.answer((route, _input, answer) => {
    calls.push(route);
    return answer;
  });
  return calls;
}

describe('making an account', () => {
  afterEach(async () => {
    for (const { world } of open.splice(0)) {
      expect(world.failures).toEqual([]);
      await world.close();
    }
  });

  it('[ACC9] an address that was proved by its code goes with the account', async () => {
    const scene = await begin({ requireEmail: true });
    const { world, mailbox } = scene;
    const alice = world.device('alice');
    const chat = await alice.start();
    const account = { username: 'alice', password: PASSWORD };
    await expect(chat.register(account)).rejects.toMatchObject({ code: 'email_required' });
    await expect(chat.startEmail({ email: 'alice' })).rejects.toMatchObject({ code: 'email_invalid' });
    await expect(chat.confirmEmail({ code: '12345678' })).rejects.toMatchObject({ code: 'attempt_over' });
    const email = addressOf('alice');
    await chat.startEmail({ email: ` ${email} ` });
    const code = mailbox.codeFor(email);
    const wrong = code.startsWith('0') ? `1${code.slice(1)}` : `0${code.slice(1)}`;
    await expect(chat.confirmEmail({ code: 'abc' })).rejects.toMatchObject({ code: 'code_wrong' });
    await expect(chat.confirmEmail({ code: wrong })).rejects.toMatchObject({ code: 'code_wrong' });
    await chat.confirmEmail({ code: `${code.slice(0, 4)} ${code.slice(4)}` });
    await chat.register(account);
    await isReady(world, alice);
    expect(await chat.security({})).toEqual({
      email,
      factors: [],
      recoveryCodesLeft: 0,
      passkeys: [],
      recoveryKey: false,
    });
  });

  it('[ACC61] a relay that was out of reach at the start is asked again, soon by itself and at once by who registers', async () => {
    const scene = await begin({ requireEmail: true });
    const { world, mailbox } = scene;
    const [alice, bob] = [world.device('alice'), world.device('bob')];
    alice.online(false);
    bob.online(false);
    const [chat, other] = [await alice.start(), await bob.start()];
    await world.clock.advance(60_000);
    expect(chat.snapshot().relay).toBeUndefined();
    alice.online(true);
    const account = { username: 'alice', password: PASSWORD };
    await expect(chat.register(account)).rejects.toMatchObject({ code: 'email_required' });
    expect(chat.snapshot().relay).toMatchObject({ emailRequired: true, mail: true });
    const email = addressOf('alice');
    await chat.startEmail({ email });
    await chat.confirmEmail({ code: mailbox.codeFor(email) });
    await chat.register(account);
    await isReady(world, alice);

    bob.online(true);
    await world.until('bob sees it', () => other.snapshot().relay?.emailRequired === true);
    const calls = listen(bob);
    await world.clock.advance(120_000);
    expect(calls).toEqual([]);
    bob.online(false);
    await bob.restart();
    bob.online(true);
    await bob.chat().reconnect({});
    expect(bob.chat().snapshot().relay).toMatchObject({ emailRequired: true });
  });

  it('[ACC9] a proof that became too old is asked for again, not left out', async () => {
    const { world, mailbox } = await begin();
    const alice = world.device('alice');
    const chat = await alice.start();
    const email = addressOf('alice');
    await chat.startEmail({ email });
    await chat.confirmEmail({ code: mailbox.codeFor(email) });
    await world.clock.advance(30 * 60_000);
    const account = { username: 'alice', password: PASSWORD };
    await expect(chat.register(account)).rejects.toMatchObject({ code: 'attempt_over' });
    await chat.register(account);
    expect((await chat.security({})).email).toBeUndefined();
  });

  it('[ACC9] where no mail is sent, an address is refused in these words', async () => {
    const { world } = await begin({ mailer: { on: false, send: async () => {}, close: async () => {} } });
    const chat = await world.device('alice').start();
    await expect(chat.startEmail({ email: addressOf('alice') })).rejects.toMatchObject({ code: 'mail_off' });
    await world.until('the relay was asked', () => chat.snapshot().relay !== undefined);
    expect(chat.snapshot().relay).toMatchObject({ mail: false, emailRequired: false, registration: 'open' });
  });

  it('[ACC10] an invitation opens a closed door once; what is none is not sent', async () => {
    const relay = await createInProcessRelay();
    const { stores, secrets } = relay;
    const { world } = await begin({ registration: 'invite', stores, secrets });
    const invite = crypto.getRandomValues(new Uint8Array(32));
    await stores.accountStores.invites.create({
      hash: new Uint8Array(createHash('sha256').update(invite).digest()),
      uses: 1,
      createdAt: world.clock.now(),
      expiresAt: world.clock.now() + 3_600_000,
    });
    const [alice, bob] = [world.device('alice'), world.device('bob')];
    const chat = await alice.start();
    const account = { username: 'alice', password: PASSWORD };
    await expect(chat.register(account)).rejects.toMatchObject({ code: 'invite_invalid' });
    const calls = listen(alice);
    await expect(chat.register({ ...account, invite: 'nonsense' })).rejects.toMatchObject({
      code: 'invite_invalid',
    });
    expect(calls).toEqual([]);
    await chat.register({ ...account, invite: encodeBase64Url(invite) });
    const second = (await bob.start()).register({
      username: 'bob',
      password: PASSWORD,
      invite: encodeBase64Url(invite),
    });
    await expect(second).rejects.toMatchObject({ code: 'invite_invalid' });
    await relay.close();
  });

  it('[ACC10] a relay that takes nobody says so', async () => {
    const { world } = await begin({ registration: 'closed' });
    const chat = await world.device('alice').start();
    const attempt = chat.register({ username: 'alice', password: PASSWORD });
    await expect(attempt).rejects.toMatchObject({ code: 'registration_closed' });
  });

  it('[ACC11] work that came too late is done again once; a challenge without sense ends the attempt', async () => {
    const { world } = await begin();
    const alice = world.device('alice');
    const chat = await alice.start();
    const account = { username: 'alice', password: PASSWORD };
    const absurd = { algorithm: 'PBKDF2/SHA-256', cost: 2 ** 40, nonce: '00', salt: '00', keyPrefix: '00' };
    // The cost once more for every 32 bytes.
    const huge = { ...absurd, cost: 500_000, keyLength: 2048 };
    const hostile = [absurd, huge].map((parameters) => JSON.stringify({ parameters }));
    for (const challenge of ['no json', '{}', ...hostile, 'null']) {
      alice.answer((route, _input, answer) =>
        route === 'challenge' ? { ok: true, value: { challenge } } : answer,
      );
      await expect(chat.register(account)).rejects.toMatchObject({ code: 'attempt_over' });
    }
    let late = 2;
    alice.answer((route, _input, answer) =>
      route === 'register' && late-- > 0 ? { ok: false, code: 'work_invalid' } : answer,
    );
    await expect(chat.register(account)).rejects.toMatchObject({ code: 'attempt_over' });
    late = 1;
    await chat.register(account);
  });

  it('[ACC12] a password that is too weak is judged here: nothing is sent', async () => {
    const { world } = await begin();
    const alice = world.device('alice');
    const chat = await alice.start();
    await world.until('the relay was asked', () => chat.snapshot().relay !== undefined);
    const calls = listen(alice);
    for (const password of ['short', 'password123', 'alice-alice-alice', 'monday99'])
      await expect(chat.register({ username: 'alice', password })).rejects.toMatchObject({
        code: 'password_too_weak',
      });
    expect(await chat.judgePassword({ username: 'alice', password: 'monday99' })).toMatchObject({
      enough: false,
      reason: 'too_guessable',
    });
    expect(calls).toEqual([]);
  });

  it('[ACC13] a name that is taken is said at the end, and leaves nothing behind here', async () => {
    const scene = await begin();
    const { world } = scene;
    await registerWithEmail(scene, world.device('alice'));
    const mallory = world.device('mallory');
    const chat = await mallory.start();
    const attempt = chat.register({ username: 'alice', password: PASSWORD });
    await expect(attempt).rejects.toMatchObject({ code: 'username_taken' });
    await world.until('the journal is folded', async () => {
      const keys = [...(await mallory.records()).keys()];
      return !keys.some((key) => key.startsWith('["journal"'));
    });
    expect([...(await mallory.records()).keys()]).toEqual([]);
    await chat.register({ username: 'mallory', password: PASSWORD });
  });
});
