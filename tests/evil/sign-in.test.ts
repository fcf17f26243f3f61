import type { RouteResponse } from '@sotto/protocol';
import { createInProcessRelay } from '@sotto/relay/testing';
import { describe, expect, it } from 'vitest';
import { accountOf, type Device, register, signIn } from '../simulation/harness.ts';
import { flip, meet, type Scene, setStage } from './people.ts';

async function registered(...names: readonly string[]) {
  const scene = await meet(...names);
  return { ...scene, phone: scene.world.device('phone') };
}

/** Nothing is on the new device, and the relay was told nothing in its name. */
async function expectNothing({ evil }: Scene, phone: Device): Promise<void> {
  expect([...(await phone.records()).keys()]).toEqual([]);
  expect(evil.answers('appendStatement')).toEqual([]);
  expect(phone.chat().snapshot().session).toEqual({ state: 'signed_out' });
}

function withVault(
  honest: RouteResponse<'loginFinish'>,
  lie: (vault: Uint8Array) => Uint8Array,
): RouteResponse<'loginFinish'> {
  if (honest.state !== 'signed_in') return honest;
  const { bytes, version } = honest.vault;
  return { ...honest, vault: { bytes: lie(bytes), version } };
}

describe('a relay that lies at sign-in', () => {
  it("[EVIL33] another account's vault, an altered one, one of another version: refused, nothing is written", async () => {
    const scene = await registered('bob', 'mallory');
    const { evil, world, phone } = scene;
    const vaults = evil.answers('registerFinish').map(({ body }) => body.vault);
    const [, mallorys] = vaults;
    if (mallorys === undefined) throw new Error('no vault');
    // Map header, then 'n' and 'v', each a text of one character and a small number (RFC 8949 §4.2.1).
    expect([...mallorys.subarray(0, 7)]).toEqual([0xa5, 0x61, 0x6e, 1, 0x61, 0x76, 2]);
    const lies: readonly ((vault: Uint8Array) => Uint8Array)[] = [
      () => mallorys,
      (vault) => flip(vault, vault.length - 1),
      (vault) => vault.with(6, 3),
      (vault) => vault.with(3, 2),
    ];
    for (const lie of lies) {
      evil.answer('loginFinish', (honest) => withVault(honest, lie));
      await expect(signIn(world, phone, 'bob')).rejects.toMatchObject({ code: 'vault_refused' });
      await expectNothing(scene, phone);
    }
    evil.repent();
    await signIn(world, phone, 'bob');
  });

  it("[EVIL34] another account in place of one's own: refused, nothing is written", async () => {
    const scene = await registered('bob', 'mallory');
    const { evil, world, phone } = scene;
    const [bob, mallory] = scene.cast;
    if (bob === undefined || mallory === undefined) throw new Error('nobody came');
    const account = new Uint8Array(Buffer.from(accountOf(mallory), 'hex')) as never;
    evil.answer('loginFinish', (honest) =>
      honest.state === 'signed_in' ? { ...honest, session: { ...honest.session, account } } : honest,
    );
    await expect(signIn(world, phone, 'bob')).rejects.toMatchObject({ code: 'vault_refused' });
    await expectNothing(scene, phone);
  });

  it('[EVIL35] a relay at another address that passes everything on, or holds the same records: wrong credentials, no finish is sent', async () => {
    const honest = await createInProcessRelay();
    const { stores, secrets } = honest;
    const here = await setStage({ relay: { stores, secrets } });
    await register(here.world, here.world.device('bob'));
    for (const there of [
      await setStage({ relay: { stores, secrets }, origin: 'https://s0tto.example' }),
      await setStage({ relay: { stores, secrets, origin: 'https://s0tto.example' } }),
    ]) {
      const phone = there.world.device('phone');
      await expect(signIn(there.world, phone, 'bob')).rejects.toMatchObject({ code: 'wrong_credentials' });
      await expectNothing(there, phone);
      expect(there.evil.answers('login')).toHaveLength(1);
      expect(there.evil.answers('loginFinish')).toEqual([]);
    }
    await honest.close();
  });

  it('[EVIL45] weaker stretching of the password offered beside an answer: no answer, and nothing made of it is sent', async () => {
    const scene = await registered('bob');
    const { evil, world, phone } = scene;
    const weaker = { 'argon2id-custom': { iterations: 1, memory: 8, parallelism: 1 } };
    for (const name of ['keyStretching', 'ksf', 'parameters']) {
      evil.answer('login', (honest) => ({ ...honest, [name]: weaker }));
      await expect(signIn(world, phone, 'bob')).rejects.toMatchObject({ code: 'offline' });
      await expectNothing(scene, phone);
      evil.answer('register', (honest) => ({ ...honest, [name]: weaker }));
      await expect(register(world, world.device('carol'))).rejects.toMatchObject({ code: 'offline' });
    }
    expect(evil.answers('loginFinish')).toEqual([]);
    expect(evil.answers('registerFinish')).toHaveLength(1);
    evil.repent();
    await signIn(world, phone, 'bob');
  });
});
