import { getRandomValues } from 'node:crypto';
import { createMls, type DeviceIdentity, type Mls, type MlsGroup } from '@sotto/core/testing';
import { expect, it } from 'vitest';

const random = (length: number) => getRandomValues(new Uint8Array(length));
const bytesOf = (text: string) => new TextEncoder().encode(text);

it('[P2] a device stolen today opens nothing sent before, and nothing after its next update', async () => {
  const mls = await createMls({
    authentication: { isCurrentDevice: async () => true },
    clock: Date.now,
    random,
  });
  const pair = await joinPair(mls);
  let { hers, his } = pair;
  // X25519 and ML-KEM-768 together, unless somebody builds it otherwise.
  expect(his.suite).toBe('MLS_256_XWING_AES256GCM_SHA512_Ed25519');
  const heard: Uint8Array[] = [];
  for (const word of ['one', 'two', 'three']) {
    const sealed = await hers.sealMessage(bytesOf(word));
    hers = sealed.group;
    his = granted(await his.openMessage(sealed.body)).group;
    heard.push(sealed.body);
  }
  const own = await his.sealMessage(bytesOf('mine'));
  his = own.group;
  // All that the disk holds of this conversation, with the device's own keys.
  const stolen = await mls.loadGroup(pair.bob, his.encodeAll());
  for (const body of heard) expect(await stolen.openMessage(body)).toEqual({ ok: false, reason: 'replayed' });
  expect((await stolen.openMessage(own.body)).ok).toBe(false);

  const update = granted(await his.makeCommit({ add: [], remove: [] }));
  hers = granted(await hers.processCommit(update.body)).group;
  const later = await hers.sealMessage(bytesOf('after the update'));
  expect((await update.pending.openMessage(later.body)).ok).toBe(true);
  expect((await stolen.processCommit(update.body)).ok).toBe(false);
  expect(await stolen.openMessage(later.body)).toEqual({ ok: false, reason: 'wrong_epoch' });
});

interface Pair {
  readonly bob: DeviceIdentity;
  readonly hers: MlsGroup;
  readonly his: MlsGroup;
}

/** Alice has added bob to a direct conversation. */
async function joinPair(mls: Mls): Promise<Pair> {
  const [alice, bob] = [await someone(mls), await someone(mls)];
  const accounts = [alice.account, bob.account].sort(Buffer.compare);
  const empty = await mls.createGroup(alice, random(32), { kind: 'direct', accounts, title: '' });
  const [offered] = await mls.generateKeyPackages(bob, 1, { lastResort: false });
  if (offered === undefined) throw new Error('no key package');
  const added = granted(await empty.makeCommit({ add: [offered.publicBytes], remove: [] }));
  const welcome = added.welcome ?? new Uint8Array();
  const joined = granted(await mls.joinGroup(bob, welcome, async () => offered));
  return { bob, hers: added.pending, his: joined.group };
}

async function someone(mls: Mls): Promise<DeviceIdentity> {
  const { publicKey, privateKey } = await mls.generateSignatureKey();
  return {
    account: random(16),
    device: random(16),
    signatureKey: publicKey,
    signaturePrivateKey: privateKey,
  };
}

function granted<Answer extends { readonly ok: boolean }>(
  answer: Answer,
): Extract<Answer, { readonly ok: true }> {
  if (!answer.ok) throw new Error(JSON.stringify(answer));
  return answer as Extract<Answer, { readonly ok: true }>;
}
