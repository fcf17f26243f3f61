import { argon2Sync, createCipheriv, hkdfSync } from 'node:crypto';
import { encodeCbor } from '@sotto/protocol';
import { describe, expect, it } from 'vitest';
import { listPasskeys, unwrapSecret, wrapForPasskey, wrapSecret } from '../../src/store/lock-slots.ts';

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
const secret = Uint8Array.from({ length: 32 }, (_, at) => at);
const PASSPHRASE = 'seven green herons';
const passphrase = (text: string) => ({ way: 'passphrase', passphrase: text }) as const;
const fixed = (length: number) => new Uint8Array(length).fill(9);

async function withPasskey() {
  const passkey = { credential: random(16), prf: random(32) };
  const slots = await wrapForPasskey(await wrapSecret(secret, PASSPHRASE, random), secret, passkey, random);
  if (slots === undefined) throw new Error('no slots');
  return { slots, passkey };
}

/** AES-256-GCM by OpenSSL, tag behind. */
function seal(key: Uint8Array, aad: unknown): Uint8Array {
  const cipher = createCipheriv('aes-256-gcm', key, fixed(12));
  cipher.setAAD(encodeCbor(aad));
  return Buffer.concat([cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
}

describe('slots of the app lock', () => {
  // Nothing of the implementation takes part: Argon2id, HKDF and AES are Node's.
  it('[VAULT42] are what RFC 9106, RFC 5869 and AES-GCM make of passphrase and PRF output', async () => {
    const options = { parallelism: 1, tagLength: 32, memory: 65_536, passes: 3 };
    const stretched = argon2Sync('argon2id', { message: PASSPHRASE, nonce: fixed(16), ...options });
    const box = { nonce: fixed(12), sealed: seal(stretched, ['sotto-lock-v1', 'passphrase']) };
    const slots = { v: 1, salt: fixed(16), passphrase: box, passkeys: [] as object[] };
    const made = await wrapSecret(secret, PASSPHRASE, fixed);
    expect(made).toEqual(encodeCbor(slots));

    const passkey = { credential: Uint8Array.of(1, 2, 3), prf: fixed(32) };
    const key = new Uint8Array(hkdfSync('sha256', passkey.prf, '', 'sotto-lock-v1 passkey', 32));
    const sealed = seal(key, ['sotto-lock-v1', 'passkey', passkey.credential]);
    slots.passkeys.push({ credential: passkey.credential, nonce: fixed(12), sealed });
    expect(await wrapForPasskey(made, secret, passkey, fixed)).toEqual(encodeCbor(slots));
  });

  it('[VAULT42] give the secret for the passphrase and for the passkey, and hold it nowhere in the clear', async () => {
    const { slots, passkey } = await withPasskey();
    expect(await unwrapSecret(slots, passphrase(PASSPHRASE))).toEqual(secret);
    expect(await unwrapSecret(slots, { way: 'passkey', ...passkey })).toEqual(secret);
    expect(listPasskeys(slots)).toEqual([passkey.credential]);
    expect(Buffer.from(slots).includes(Buffer.from(secret))).toBe(false);
    expect(Buffer.from(slots).includes(Buffer.from(passkey.prf))).toBe(false);
  });

  it('[VAULT42] take a passphrase however its letters are composed', async () => {
    const slots = await wrapSecret(secret, 'sieben gr\u00fcne Reiher', random);
    expect(await unwrapSecret(slots, passphrase('sieben gru\u0308ne Reiher'))).toEqual(secret);
  });

  it('[VAULT43] open for nothing else', async () => {
    const { slots, passkey } = await withPasskey();
    for (const wrong of ['', 'seven green heron', `${PASSPHRASE} `, PASSPHRASE.toUpperCase()])
      expect(await unwrapSecret(slots, passphrase(wrong))).toBeUndefined();
    for (const wrong of [
      { ...passkey, prf: random(32) },
      { ...passkey, prf: new Uint8Array() },
      { ...passkey, credential: random(16) },
    ])
      expect(await unwrapSecret(slots, { way: 'passkey', ...wrong })).toBeUndefined();
  });

  it('[VAULT43] altered anywhere, in another form or another slot, open for nobody', async () => {
    const { slots, passkey } = await withPasskey();
    const proof = { way: 'passkey', ...passkey } as const;
    const open = async (changed: Uint8Array) => [
      await unwrapSecret(changed, proof),
      changed.length === 0 ? undefined : listPasskeys(changed).length,
    ];
    expect(await open(slots)).toEqual([secret, 1]);
    const first = Buffer.from(slots).indexOf(Buffer.from(passkey.credential));
    for (let at = first - 88; at < first + 16; at += 4)
      expect((await open(slots.with(at, (slots[at] ?? 0) ^ 1)))[0]).toBeUndefined();
    for (const at of [slots.length - 1, slots.length - 60])
      expect(
        await unwrapSecret(slots.with(at, (slots[at] ?? 0) ^ 1), passphrase(PASSPHRASE)),
      ).toBeUndefined();
    for (const wrong of [slots.slice(0, -1), Uint8Array.from([...slots, 0]), new Uint8Array(40_000)])
      expect((await open(wrong))[0]).toBeUndefined();
    for (const nothing of [new Uint8Array(), encodeCbor({ v: 2 }), encodeCbor([]), slots.slice(0, 9)]) {
      expect(await unwrapSecret(nothing, passphrase(PASSPHRASE))).toBeUndefined();
      expect(listPasskeys(nothing)).toEqual([]);
    }
    const theirs = await withPasskey();
    expect(await unwrapSecret(theirs.slots, proof)).toBeUndefined();
  });

  it('[VAULT43] cost the work of a guess whether they read or not', async () => {
    const { slots } = await withPasskey();
    const time = async (of: Uint8Array) => {
      const start = performance.now();
      await unwrapSecret(of, passphrase('a wrong guess'));
      return performance.now() - start;
    };
    await time(slots);
    const honest = await time(slots);
    const damaged = await time(new Uint8Array(5));
    expect(damaged).toBeGreaterThan(honest / 4);
  });
});
