import type { RestoreInput } from '@sotto/core';
import { decodeCbor, encodeCbor, LIMITS } from '@sotto/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  addPasskey,
  addressOf,
  chainOf,
  createMailWorld,
  isReady,
  type MailWorld,
  NEW_PASSWORD,
  registerWithEmail,
  registerWithKey,
} from './account-cast.ts';
import { killAtStep } from './faults.ts';
import {
  accountOf,
  alarmsOf,
  type Device,
  hears,
  openWith,
  PASSWORD,
  register,
  say,
  signIn,
} from './harness.ts';

describe('a forgotten password', () => {
  let scene: MailWorld;
  let alice: Device;
  let phone: Device;
  beforeEach(async () => {
    scene = await createMailWorld();
    alice = scene.world.device('alice');
    phone = scene.world.device('phone');
  });
  afterEach(async () => {
    expect(scene.world.failures).toEqual([]);
    await scene.world.close();
  });

  /** The mail's code as the proof. */
  async function proveByMail(device: Device) {
    await device.chat().forgotPassword({ username: 'alice' });
    return await device
      .chat()
      .proveReset({ method: 'mail', code: scene.mailbox.codeFor(addressOf('alice')) });
  }

  const finish = (device: Device, restore: RestoreInput) =>
    device.chat().finishReset({ password: NEW_PASSWORD, restore });

  /** The old password opens nothing any more, the new one does. */
  async function expectNewPassword(device: Device): Promise<void> {
    const chat = await device.start();
    const old = chat.signIn({ username: 'alice', password: PASSWORD });
    await expect(old).rejects.toMatchObject({ code: 'wrong_credentials' });
    expect(await chat.signIn({ username: 'alice', password: NEW_PASSWORD })).toEqual({ state: 'signed_in' });
  }

  it('[ACC18] on a device that is signed in: the same device and identity, other devices sign in anew, contacts notice nothing', async () => {
    const { world } = scene;
    const bob = world.device('bob');
    await registerWithEmail(scene, alice);
    await register(world, bob);
    await signIn(world, phone, 'alice');
    const withBob = await openWith(alice, 'bob');
    await say(alice, withBob, 'before');
    await hears(world, bob, accountOf(alice), 'before');
    const before = [alice.chat().snapshot().session, (await chainOf(alice)).identityKey];
    const step = await proveByMail(alice);
    expect(step).toEqual({
      state: 'choose',
      known: true,
      ways: ['this_device', 'new_identity'],
      passkey: undefined,
    });
    await expect(
      alice.chat().finishReset({ password: 'monday99', restore: { way: 'known' } }),
    ).rejects.toMatchObject({ code: 'password_too_weak' });
    await finish(alice, { way: 'known' });
    await isReady(world, alice);
    expect([alice.chat().snapshot().session, (await chainOf(alice)).identityKey]).toEqual(before);
    await world.until('the phone is told', () => phone.chat().snapshot().connection === 'ended');
    await say(alice, withBob, 'after');
    await hears(world, bob, accountOf(alice), 'after');
    expect(alarmsOf(alice, bob)).toEqual([]);
    await expectNewPassword(world.device('tablet'));
  });

  it('[ACC19] with the recovery key alone, in a fresh browser and without mail: the same identity', async () => {
    const { world } = scene;
    const key = await registerWithKey(world, alice);
    const { identityKey } = await chainOf(alice);
    const chat = await phone.start();
    await chat.forgotPassword({ username: 'alice' });
    const proof = { method: 'recovery_key', key } as const;
    const mistyped = { ...proof, key: key.slice(1) };
    await expect(chat.proveReset(mistyped)).rejects.toMatchObject({ code: 'recovery_key_wrong' });
    const step = await chat.proveReset(proof);
    expect(step).toMatchObject({ known: true, ways: ['recovery_key', 'new_identity'] });
    await finish(phone, { way: 'known' });
    await isReady(world, phone);
    expect((await chainOf(phone)).identityKey).toEqual(identityKey);
    expect(await chat.testRecoveryKey({ key })).toEqual({ opens: true });
    await expectNewPassword(world.device('tablet'));
  });

  it('[ACC46] on a shared computer a reset keeps nothing either, and the relay is told', async () => {
    const { world } = scene;
    const key = await registerWithKey(world, alice);
    const chat = await phone.start();
    const before = [...(await phone.records()).keys()];
    await chat.forgotPassword({ username: 'alice' });
    await chat.proveReset({ method: 'recovery_key', key });
    await chat.finishReset({ password: NEW_PASSWORD, restore: { way: 'known' }, shared: true });
    await isReady(world, phone);
    expect(chat.snapshot().session).toMatchObject({ shared: true });
    const { devices } = await chat.devices({});
    expect(devices.find(({ current }) => current)?.session?.shared).toBe(true);
    expect([...(await phone.records()).keys()]).toEqual(before);
    expect((await phone.restart()).snapshot().session.state).toBe('signed_out');

    // Where an account lives nobody is a guest.
    const own = alice.chat();
    await own.signIn({ username: 'alice', password: NEW_PASSWORD });
    await own.forgotPassword({ username: 'alice' });
    await own.proveReset({ method: 'recovery_key', key });
    const asGuest = own.finishReset({ password: PASSWORD, restore: { way: 'known' }, shared: true });
    await expect(asGuest).rejects.toMatchObject({ code: 'blocked' });
  });

  it('[ACC19] by mail, with the recovery key or a passkey to open the vault: a wrong one is told apart', async () => {
    const { world } = scene;
    await registerWithEmail(scene, alice);
    const { identityKey } = await chainOf(alice);
    const { key } = await alice.chat().makeRecoveryKey({ password: PASSWORD });
    const other = world.device('carol');
    const carolsKey = await registerWithKey(world, other);
    await phone.start();
    expect(await proveByMail(phone)).toMatchObject({ known: false, ways: ['recovery_key', 'new_identity'] });
    await expect(finish(phone, { way: 'known' })).rejects.toMatchObject({ code: 'attempt_over' });
    await proveByMail(phone);
    for (const wrong of [carolsKey, key.slice(2)])
      await expect(finish(phone, { way: 'recovery_key', key: wrong })).rejects.toMatchObject({
        code: 'recovery_key_wrong',
      });
    await finish(phone, { way: 'recovery_key', key });
    await isReady(world, phone);
    expect((await chainOf(phone)).identityKey).toEqual(identityKey);
  });

  it('[ACC19] a passkey is the second factor after the mail, and opens the vault where it has the PRF extension', async () => {
    const { world } = scene;
    await registerWithEmail(scene, alice);
    const { identityKey } = await chainOf(alice);
    const { passkey } = await addPasskey(world, alice);
    const chat = await phone.start();
    const wanted = await proveByMail(phone);
    if (wanted.state !== 'second_factor') throw new Error('nothing was asked for');
    expect(wanted.methods).toEqual(['passkey', 'recovery_code']);
    const { response } = passkey.get(wanted.passkey ?? '');
    const step = await chat.proveReset({ method: 'passkey', response });
    if (step.state !== 'choose') throw new Error('more was asked for');
    expect(step).toMatchObject({ known: false, ways: ['passkey', 'new_identity'] });
    const { prf } = passkey.get(step.passkey ?? '');
    const credential = passkey.id;
    await expect(finish(phone, { way: 'passkey', credential, prf: prf.toReversed() })).rejects.toMatchObject({
      code: 'passkey_refused',
    });
    await finish(phone, { way: 'passkey', credential, prf });
    await isReady(world, phone);
    expect((await chainOf(phone)).identityKey).toEqual(identityKey);
  });

  it('[ACC20] with nothing that opens the vault: a new identity, which every contact is told of; earlier devices end', async () => {
    const { world } = scene;
    const bob = world.device('bob');
    await registerWithEmail(scene, alice);
    await register(world, bob);
    const withAlice = await openWith(bob, 'alice');
    await say(bob, withAlice, 'hello');
    await hears(world, alice, accountOf(bob), 'hello');
    const { identityKey } = await chainOf(alice);
    await phone.start();
    expect(await proveByMail(phone)).toMatchObject({ known: false, ways: ['new_identity'] });
    await finish(phone, { way: 'new_identity' });
    await isReady(world, phone);
    const chain = await chainOf(phone);
    expect(chain.identityKey).not.toEqual(identityKey);
    expect(chain.devices.filter(({ revokedAt }) => revokedAt === undefined)).toHaveLength(1);
    expect(await phone.chat().security({})).toMatchObject({ recoveryKey: false });
    // Chains of people one talks with are read again every ten minutes.
    await world.clock.advance(600_000);
    await world.until('bob is told', () => alarmsOf(bob).includes('bob: identity_changed'));
    await world.until('the old device is told', () => alice.chat().snapshot().connection === 'ended');
    await expectNewPassword(world.device('tablet'));
  });

  it('[ACC62] a relay that lies about how often the vault changed makes none that no change can follow', async () => {
    await registerWithEmail(scene, alice);
    const chat = await phone.start();
    phone.answer((route, _input, answer) => {
      const { value } = answer as { value: { vault: { bytes: Uint8Array } } };
      if (route !== 'resetPassword' || value === undefined) return answer;
      const record = decodeCbor(value.vault.bytes, LIMITS.vault) as object;
      const bytes = encodeCbor({ ...record, n: Number.MAX_SAFE_INTEGER - 1 });
      return { ok: true, value: { ...value, vault: { ...value.vault, bytes } } };
    });
    await proveByMail(phone);
    await expect(finish(phone, { way: 'new_identity' })).rejects.toMatchObject({ code: 'vault_refused' });
    phone.answer((_route, _input, answer) => answer);
    await proveByMail(phone);
    await finish(phone, { way: 'new_identity' });
    await isReady(scene.world, phone);
    await chat.makeRecoveryKey({ password: NEW_PASSWORD });
    await expectNewPassword(scene.world.device('tablet'));
  });

  it('[ACC20] not where the identity still is: a device of the account is signed out first', async () => {
    await registerWithEmail(scene, alice);
    await proveByMail(alice);
    await expect(finish(alice, { way: 'new_identity' })).rejects.toMatchObject({ code: 'blocked' });
    await alice.chat().signOut({});
    await finish(alice, { way: 'new_identity' });
  });

  it('[ACC21] of an account that does not exist is begun like any other, and proved by nothing', async () => {
    const { mailbox } = scene;
    await registerWithEmail(scene, alice);
    const chat = await phone.start();
    const sent = mailbox.mails.length;
    await chat.forgotPassword({ username: 'nobody' });
    expect(mailbox.mails).toHaveLength(sent + 1);
    await chat.sendCode({});
    const proof = { method: 'mail', code: '12345678' } as const;
    await expect(chat.proveReset(proof)).rejects.toMatchObject({ code: 'code_wrong' });
    await expect(finish(phone, { way: 'new_identity' })).rejects.toMatchObject({ code: 'attempt_over' });
    await chat.cancelSignIn({});
    await expect(chat.proveReset(proof)).rejects.toMatchObject({ code: 'attempt_over' });
  });

  it('[ACC22] interrupted at any step it is finished by trying again or with the new password', async () => {
    const { world } = scene;
    await registerWithEmail(scene, alice);
    const { key } = await alice.chat().makeRecoveryKey({ password: PASSWORD });
    const ways: RestoreInput[] = [{ way: 'recovery_key', key }, { way: 'new_identity' }];
    for (const way of ways) {
      let steps = 0;
      for (let killed = true; killed; steps++) {
        const device = world.device(`${way.way}${steps}`);
        await device.start();
        await world.until('the relay was asked', () => device.chat().snapshot().relay !== undefined);
        await proveByMail(device);
        device.plan(killAtStep(steps));
        const password = `${NEW_PASSWORD} ${way.way} ${steps}`;
        await Promise.race([
          device
            .chat()
            .finishReset({ password, restore: way })
            .catch(() => undefined),
          world.until('it died', () => !device.isAlive()),
        ]).catch(() => undefined);
        killed = !device.isAlive();
        device.plan(() => false);
        await device.restart();
        await goOn(device, way, password);
        const { session } = device.chat().snapshot();
        expect([way.way, steps, session.state]).toEqual([way.way, steps, 'signed_in']);
        const mine = (await chainOf(device)).devices.filter(({ revokedAt }) => revokedAt === undefined);
        if (way.way === 'new_identity') expect(mine).toHaveLength(1);
        device.kill();
      }
      expect(steps).toBeGreaterThan(8);
    }
  }, 180_000);

  /** As a person would: first the new password, and when that is none yet, the whole reset again. */
  async function goOn(device: Device, restore: RestoreInput, password: string): Promise<void> {
    const chat = device.chat();
    if (chat.snapshot().session.state === 'signed_in') return;
    try {
      await chat.signIn({ username: 'alice', password });
    } catch {
      await proveByMail(device);
      await chat.finishReset({ password, restore });
    }
  }
});
