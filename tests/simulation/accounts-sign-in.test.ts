import type { ProofInput } from '@sotto/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  addPasskey,
  addTotp,
  createMailWorld,
  devicesOf,
  isReady,
  type MailWorld,
  registerWithEmail,
} from './account-cast.ts';
import { killAtStep } from './faults.ts';
import { type Device, PASSWORD, register, signIn } from './harness.ts';

const ALICE = { username: 'alice', password: PASSWORD };

describe('signing in with a second factor', () => {
  let scene: MailWorld;
  let laptop: Device;
  let phone: Device;
  beforeEach(async () => {
    scene = await createMailWorld();
    laptop = scene.world.device('alice');
    phone = scene.world.device('phone');
  });
  afterEach(async () => {
    expect(scene.world.failures).toEqual([]);
    await scene.world.close();
  });

  it('[ACC14] by mail: the code of this attempt signs in, a wrong one may be tried again', async () => {
    const { world, mailbox } = scene;
    await registerWithEmail(scene, laptop);
    await laptop.chat().setMailFactor({ password: PASSWORD, on: true });
    const chat = await phone.start();
    expect(await chat.signIn(ALICE)).toEqual({ state: 'second_factor', methods: ['mail'] });
    await chat.sendCode({});
    const code = mailbox.codeFor('alice@example.org');
    const wrong = { method: 'mail', code: code === '00000000' ? '11111111' : '00000000' } as const;
    await expect(chat.verifySignIn(wrong)).rejects.toMatchObject({ code: 'code_wrong' });
    await chat.verifySignIn({ method: 'mail', code });
    await isReady(world, phone);
    expect(chat.snapshot().session).toMatchObject({ state: 'signed_in', username: 'alice' });
    expect(await devicesOf(phone)).toBe(2);
  });

  it('[ACC14] by an authenticator app, a recovery code, a passkey, the recovery key: each by itself', async () => {
    const { world } = scene;
    await register(world, laptop);
    const { key } = await laptop.chat().makeRecoveryKey({ password: PASSWORD });
    const { code, recoveryCodes } = await addTotp(world, laptop);
    const { passkey } = await addPasskey(world, laptop);
    const [recoveryCode = ''] = recoveryCodes;
    const chat = await phone.start();
    const proofs: ((options: string) => Promise<ProofInput>)[] = [
      async () => ({ method: 'totp', code: await code() }),
      async () => ({ method: 'recovery_code', code: recoveryCode.toUpperCase().replace('-', ' ') }),
      async (options) => ({ method: 'passkey', ...passkey.get(options) }),
      async () => ({ method: 'recovery_key', key: key.toLowerCase() }),
    ];
    for (const proofFor of proofs) {
      const step = await chat.signIn(ALICE);
      if (step.state !== 'second_factor') throw new Error('nothing was asked for');
      expect(step.methods).toEqual(['totp', 'passkey', 'recovery_code', 'recovery_key']);
      await chat.verifySignIn(await proofFor(step.passkey ?? ''));
      await isReady(world, phone);
      await chat.signOut({});
    }
    expect((await laptop.chat().security({})).recoveryCodesLeft).toBe(9);
  });

  it('[ACC14] what cannot be right is refused here; after five wrong codes the attempt is over', async () => {
    const { world } = scene;
    await register(world, laptop);
    const { key } = await laptop.chat().makeRecoveryKey({ password: PASSWORD });
    const { code } = await addTotp(world, laptop);
    const chat = await phone.start();
    await chat.signIn(ALICE);
    const mistyped = {
      method: 'recovery_key',
      key: key.replace(/.$/, (char) => (char === '0' ? '1' : '0')),
    } as const;
    for (let i = 0; i < 6; i++) {
      await expect(chat.verifySignIn(mistyped)).rejects.toMatchObject({ code: 'recovery_key_wrong' });
      await expect(chat.verifySignIn({ method: 'totp', code: '12' })).rejects.toMatchObject({
        code: 'code_wrong',
      });
    }
    const strangers = { method: 'recovery_code', code: '00000-00000' } as const;
    for (let i = 0; i < 5; i++)
      await expect(chat.verifySignIn(strangers)).rejects.toMatchObject({ code: 'code_wrong' });
    const right = { method: 'totp', code: await code() } as const;
    await expect(chat.verifySignIn(right)).rejects.toMatchObject({ code: 'attempt_over' });
    await expect(chat.sendCode({})).rejects.toMatchObject({ code: 'attempt_over' });
  });

  it('[ACC15] what waits is in memory alone: cancelled or killed, nothing is left, and nothing on the disk', async () => {
    const { world } = scene;
    await register(world, laptop);
    const { code } = await addTotp(world, laptop);
    const chat = await phone.start();
    await chat.signIn(ALICE);
    expect([...(await phone.records()).keys()]).toEqual([]);
    await chat.cancelSignIn({});
    const proof = { method: 'totp', code: await code() } as const;
    await expect(chat.verifySignIn(proof)).rejects.toMatchObject({ code: 'attempt_over' });
    await chat.signIn(ALICE);
    const again = await phone.restart();
    await expect(again.verifySignIn(proof)).rejects.toMatchObject({ code: 'attempt_over' });
    expect(again.snapshot().session).toEqual({ state: 'signed_out' });
  });

  it('[ACC16] interrupted at any step it is finished by trying again, and the device stands in the chain once', async () => {
    const { world } = scene;
    await register(world, laptop);
    const { code } = await addTotp(world, laptop);
    let steps = 0;
    for (let killed = true; killed; steps++) {
      const device = world.device(`phone${steps}`);
      const chat = await device.start();
      await world.until('the relay was asked', () => chat.snapshot().relay !== undefined);
      device.plan(killAtStep(steps));
      const proof = { method: 'totp', code: await code() } as const;
      const attempt = chat.signIn(ALICE).then(() => chat.verifySignIn(proof));
      const [outcome] = await Promise.allSettled([
        Promise.race([attempt, world.until('it died', () => !device.isAlive())]),
      ]);
      killed = !device.isAlive() || outcome.status === 'rejected';
      device.plan(() => false);
      const again = await device.restart();
      if (again.snapshot().session.state === 'signed_out') {
        await again.signIn(ALICE);
        await again.verifySignIn({ method: 'totp', code: await code() });
      }
      expect(await devicesOf(device)).toBe(2);
      await again.signOut({});
    }
    expect(steps).toBeGreaterThan(8);
  }, 120_000);

  it('[ACC17] a device keeps the key of the vault and its version, and takes no earlier vault', async () => {
    const { world } = scene;
    await register(world, laptop);
    const early: unknown[] = [];
    laptop.answer((route, _input, answer) => {
      if (route === 'account') early.push(answer);
      return answer;
    });
    await laptop.chat().security({});
    await laptop.chat().makeRecoveryKey({ password: PASSWORD });
    expect((await laptop.chat().security({})).recoveryKey).toBe(true);
    laptop.answer((route, _input, answer) => (route === 'account' ? early[0] : answer));
    await expect(laptop.chat().security({})).rejects.toMatchObject({ code: 'vault_refused' });
    await expect(laptop.restart().then((chat) => chat.security({}))).rejects.toMatchObject({
      code: 'vault_refused',
    });
    laptop.answer((_route, _input, answer) => answer);
    expect((await laptop.chat().security({})).recoveryKey).toBe(true);
  });

  it('[ACC17] signing in again takes no vault earlier than the one this device saw; a fresh one cannot tell', async () => {
    const { world } = scene;
    await register(world, laptop);
    const before = await vaultOf(laptop);
    await laptop.chat().makeRecoveryKey({ password: PASSWORD });
    const lie = (device: Device) =>
      device.answer((route, _input, answer) =>
        route === 'loginFinish' ? withVault(answer, before) : answer,
      );
    lie(laptop);
    laptop.online(false);
    await expect(
      laptop.restart().then(async (chat) => {
        laptop.online(true);
        return await chat.signIn(ALICE);
      }),
    ).rejects.toMatchObject({ code: 'vault_refused' });
    lie(phone);
    await signIn(world, phone, 'alice');
  });

  it('[ACC64] of two people who sign in at the same moment in two tabs one is in, and nothing of the other is kept', async () => {
    const { world } = scene;
    for (const device of [world.device('alice'), world.device('bob')]) await register(world, device);
    const shared = world.device('shared');
    const chat = await shared.start();
    const names = ['alice', 'bob'];
    const entered = await Promise.allSettled(
      names.map((username) => chat.signIn({ username, password: PASSWORD })),
    );
    expect(entered.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(entered.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'blocked' },
    });
    await isReady(world, shared);
    const inside = names[entered.findIndex(({ status }) => status === 'fulfilled')];
    expect(chat.snapshot().session).toMatchObject({ username: inside });
    expect((await shared.restart()).snapshot().session).toMatchObject({ username: inside });
  });
});

async function vaultOf(device: Device): Promise<unknown> {
  let vault: unknown;
  device.answer((route, _input, answer) => {
    if (route === 'account') vault = (answer as { value: { vault: unknown } }).value.vault;
    return answer;
  });
  await device.chat().security({});
  return vault;
}

function withVault(answer: unknown, vault: unknown): unknown {
  const { ok, value } = answer as { ok: boolean; value: object };
  return ok ? { ok, value: { ...value, vault } } : answer;
}
