import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  addPasskey,
  addressOf,
  addTotp,
  chainOf,
  createMailWorld,
  isReady,
  type MailWorld,
  NEW_PASSWORD,
  registerWithEmail,
} from './account-cast.ts';
import { createAuthenticator } from './authenticator.ts';
import { type Device, PASSWORD, signIn } from './harness.ts';

const password = PASSWORD;

describe('securing an account', () => {
  let scene: MailWorld;
  let alice: Device;
  let phone: Device;
  beforeEach(async () => {
    scene = await createMailWorld();
    alice = scene.world.device('alice');
    phone = scene.world.device('phone');
    await registerWithEmail(scene, alice);
  });
  afterEach(async () => {
    expect(scene.world.failures).toEqual([]);
    await scene.world.close();
  });

  const security = () => alice.chat().security({});
  /** What a sign-in from elsewhere is asked for; none: it is in. */
  async function askedFor(): Promise<readonly string[]> {
    const chat = await phone.restart();
    const step = await chat.signIn({ username: 'alice', password });
    if (step.state === 'second_factor') return step.methods;
    await chat.signOut({});
    return [];
  }

  it('[ACC23] another password: it alone signs in, other sessions end, this one goes on, every other way still opens the vault', async () => {
    const { world } = scene;
    const { key } = await alice.chat().makeRecoveryKey({ password });
    await signIn(world, phone, 'alice');
    const { identityKey } = await chainOf(alice);
    const chat = alice.chat();
    await expect(chat.changePassword({ current: password, next: 'monday99' })).rejects.toMatchObject({
      code: 'password_too_weak',
    });
    await chat.changePassword({ current: password, next: NEW_PASSWORD });
    await world.until('the phone is told', () => phone.chat().snapshot().connection === 'ended');
    expect(await chat.testRecoveryKey({ key })).toEqual({ opens: true });
    const again = phone.chat().signIn({ username: 'alice', password });
    await expect(again).rejects.toMatchObject({ code: 'wrong_credentials' });
    await phone.chat().signIn({ username: 'alice', password: NEW_PASSWORD });
    await isReady(world, phone);
    expect((await chainOf(phone)).identityKey).toEqual(identityKey);
    expect(await phone.chat().testRecoveryKey({ key })).toEqual({ opens: true });
    await alice.restart();
    expect(await security()).toMatchObject({ recoveryKey: true });
  });

  it('[ACC24] a recovery key is shown once and can be tested; the next one voids it, a mistyped one is told apart', async () => {
    const chat = alice.chat();
    const first = await chat.makeRecoveryKey({ password });
    expect(await chat.testRecoveryKey(first)).toEqual({ opens: true });
    const second = await chat.makeRecoveryKey({ password });
    expect(await chat.testRecoveryKey(first)).toEqual({ opens: false });
    expect(await chat.testRecoveryKey({ key: second.key.replaceAll('-', ' ').toLowerCase() })).toEqual({
      opens: true,
    });
    const mistyped = second.key.replace(/.$/, (char) => (char === '7' ? '8' : '7'));
    await expect(chat.testRecoveryKey({ key: mistyped })).rejects.toMatchObject({
      code: 'recovery_key_wrong',
    });
  });

  it('[ACC25] another address takes its code; without one there is no code by mail', async () => {
    const { mailbox } = scene;
    const chat = alice.chat();
    await chat.setMailFactor({ password, on: true });
    expect(await askedFor()).toEqual(['mail']);
    const email = 'alice@elsewhere.example';
    await expect(chat.confirmEmailChange({ code: '12345678' })).rejects.toMatchObject({
      code: 'attempt_over',
    });
    await chat.changeEmail({ password, email });
    expect((await security()).email).toBe(addressOf('alice'));
    await chat.confirmEmailChange({ code: mailbox.codeFor(email) });
    expect(await security()).toMatchObject({ email, factors: ['mail'] });
    await chat.removeEmail({ password });
    expect(await security()).toMatchObject({ email: undefined, factors: [] });
    expect(await askedFor()).toEqual([]);
    await expect(chat.setMailFactor({ password, on: true })).rejects.toMatchObject({
      code: 'email_required',
    });
  });

  it('[ACC63] nothing but an authenticator secret is shown as one to scan', async () => {
    const chat = alice.chat();
    for (const uri of [
      'https://example.org/otpauth://totp/',
      'javascript:alert(1)',
      'otpauth://hotp/x?secret=A',
    ]) {
      alice.answer((route, _input, answer) =>
        route === 'startTotp' ? { ok: true, value: { ...(answer as { value: object }).value, uri } } : answer,
      );
      await expect(chat.startTotp({ password })).rejects.toMatchObject({ code: 'internal' });
    }
  });

  it('[ACC26] an authenticator app is in force with its first code, and gives recovery codes that can be renewed', async () => {
    const { world } = scene;
    const chat = alice.chat();
    await expect(chat.finishTotp({ code: '123456' })).rejects.toMatchObject({ code: 'attempt_over' });
    const { recoveryCodes } = await addTotp(world, alice);
    expect(recoveryCodes).toHaveLength(10);
    expect(await askedFor()).toEqual(['totp', 'recovery_code']);
    const renewed = await chat.renewRecoveryCodes({ password });
    const wait = phone.chat();
    const old = { method: 'recovery_code', code: recoveryCodes[0] ?? '' } as const;
    await expect(wait.verifySignIn(old)).rejects.toMatchObject({ code: 'code_wrong' });
    await wait.verifySignIn({ method: 'recovery_code', code: renewed.recoveryCodes[0] ?? '' });
    await wait.signOut({});
    expect(await security()).toMatchObject({ factors: ['totp'], recoveryCodesLeft: 9 });
    await chat.removeTotp({ password });
    expect(await security()).toMatchObject({ factors: [] });
    expect(await askedFor()).toEqual([]);
  });

  it('[ACC27] a passkey is named for own devices, opens the vault where it has PRF, and is gone from the vault when removed', async () => {
    const { world } = scene;
    const chat = alice.chat();
    const { passkey, recoveryCodes } = await addPasskey(world, alice, 'Key ring');
    expect(recoveryCodes).toHaveLength(10);
    const plain = createAuthenticator(world.relay.origin);
    const { options } = await chat.startPasskey({ password });
    const { response } = plain.create(options);
    await expect(chat.finishPasskey({ response: '{}', name: 'x' })).rejects.toMatchObject({
      code: 'passkey_refused',
    });
    const foreign = createAuthenticator('https://elsewhere.example').create(options);
    await expect(chat.finishPasskey({ ...foreign, name: 'x' })).rejects.toMatchObject({
      code: 'passkey_refused',
    });
    expect(await chat.finishPasskey({ response, name: 'Old stick' })).toEqual({ recoveryCodes: undefined });
    const shown = (await security()).passkeys;
    expect(shown.map(({ id, name, opensVault }) => ({ id, name, opensVault }))).toEqual([
      { id: passkey.id, name: 'Key ring', opensVault: true },
      { id: plain.id, name: 'Old stick', opensVault: false },
    ]);
    expect(await askedFor()).toEqual(['passkey', 'recovery_code']);
    await chat.removePasskey({ password, id: passkey.id });
    await chat.removePasskey({ password, id: plain.id });
    expect((await security()).passkeys).toEqual([]);
    expect(await askedFor()).toEqual([]);
    expect(await waysBack()).toEqual(['new_identity']);
  });

  /** What a person who forgot the password is offered in a fresh browser. */
  async function waysBack(): Promise<readonly string[]> {
    const chat = await phone.restart();
    await chat.forgotPassword({ username: 'alice' });
    const step = await chat.proveReset({ method: 'mail', code: scene.mailbox.codeFor(addressOf('alice')) });
    return step.state === 'choose' ? step.ways : [];
  }

  it('[ACC28] every change takes the password: with another one nothing changes', async () => {
    const chat = alice.chat();
    const { passkey } = await addPasskey(scene.world, alice);
    const before = await security();
    const wrong = { password: 'not the password at all' };
    const attempts = [
      () => chat.changePassword({ current: wrong.password, next: NEW_PASSWORD }),
      () => chat.makeRecoveryKey(wrong),
      () => chat.changeEmail({ ...wrong, email: 'mallory@example.org' }),
      () => chat.removeEmail(wrong),
      () => chat.setMailFactor({ ...wrong, on: true }),
      () => chat.startTotp(wrong),
      () => chat.renewRecoveryCodes(wrong),
      () => chat.startPasskey(wrong),
      () => chat.removePasskey({ ...wrong, id: passkey.id }),
    ];
    for (const attempt of attempts) {
      await expect(attempt()).rejects.toMatchObject({ code: 'wrong_credentials' });
      // Wrong passwords make the next try wait, here as at the door.
      await scene.world.clock.advance(3_600_000);
    }
    expect(await security()).toEqual(before);
  });

  it('[ACC29] two devices that change the vault at once both do: who was second reads it again', async () => {
    const { world } = scene;
    await signIn(world, phone, 'alice');
    const { passkey } = await addPasskey(world, alice);
    let key: string | undefined;
    const first = async (answer: unknown) => {
      key = (await phone.chat().makeRecoveryKey({ password })).key;
      return answer;
    };
    alice.answer((route, _input, answer) =>
      route === 'account' && key === undefined ? first(answer) : answer,
    );
    await alice.chat().removePasskey({ password, id: passkey.id });
    alice.answer((_route, _input, answer) => answer);
    expect(await security()).toMatchObject({ passkeys: [], recoveryKey: true });
    expect(await alice.chat().testRecoveryKey({ key: key ?? '' })).toEqual({ opens: true });
    key = undefined;
    alice.answer((route, _input, answer) =>
      route === 'account' && key === undefined ? first(answer) : answer,
    );
    await alice.chat().changePassword({ current: password, next: NEW_PASSWORD });
    alice.answer((_route, _input, answer) => answer);
    expect(await alice.chat().testRecoveryKey({ key: key ?? '' })).toEqual({ opens: true });
  });
});
