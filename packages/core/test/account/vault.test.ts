import { decodeCbor, decodeHex, encodeCbor, encodeHex, LIMITS } from '@sotto/protocol';
import { describe, expect, it } from 'vitest';
import { openVault, sealVault, type Vault, type VaultOpener } from '../../src/account/vault.ts';
import { addWrap, createHistory, createSecrets, fixedRandom, random } from './cast.ts';
import { readFrozenVault } from './frozen.ts';

const frozen = readFrozenVault();

const bytes = (hex: string) => decodeHex(hex) ?? new Uint8Array();
const account = bytes(frozen.account);
const openers = {
  password: { kind: 'password', exportKey: bytes(frozen.exportKey) },
  recoveryKey: { kind: 'recovery_key', secret: bytes(frozen.recoverySecret) },
  phone: {
    kind: 'passkey',
    credential: bytes(frozen.phone.credential),
    prf: bytes(frozen.phone.prf),
  },
  usb: { kind: 'passkey', credential: bytes(frozen.usb.credential), prf: bytes(frozen.usb.prf) },
  vaultKey: { kind: 'vault_key', vaultKey: bytes(frozen.vaultKey) },
} as const satisfies Record<string, VaultOpener>;

/** What each opener finds: `n` of the vault, or why it does not open. */
async function tryAll(vault: Uint8Array, of = account): Promise<Record<string, number | string>> {
  const found = Object.entries(openers).map(async ([name, opener]) => {
    const opened = await openVault(vault, of, opener);
    return [name, opened.ok ? opened.vault.n : opened.reason];
  });
  return Object.fromEntries(await Promise.all(found));
}

/** Whether any way opens it. */
async function opens(vault: Uint8Array): Promise<boolean> {
  return Object.values(await tryAll(vault)).some((found) => typeof found === 'number');
}

interface Loose {
  v: number;
  n: number;
  wraps: { kind: string; id: Uint8Array; nonce: Uint8Array; sealed: Uint8Array }[];
  nonce: Uint8Array;
  identity: Uint8Array;
}

describe('the vault an account leaves at the relay', () => {
  it('[ACC1] opens by each of its ways and no other, from frozen bytes', async () => {
    const [first, second, third, fourth] = frozen.version2.map(bytes);
    const none = 'no_wrap';
    expect(await tryAll(first!)).toEqual({
      password: 1,
      recoveryKey: none,
      phone: none,
      usb: none,
      vaultKey: 1,
    });
    expect(await tryAll(second!)).toEqual({
      password: 2,
      recoveryKey: 2,
      phone: none,
      usb: none,
      vaultKey: 2,
    });
    expect(await tryAll(third!)).toMatchObject({ recoveryKey: 3, phone: 3, usb: none });
    expect(await tryAll(fourth!)).toEqual({
      password: 4,
      recoveryKey: 4,
      phone: 4,
      usb: 4,
      vaultKey: 4,
    });
    const opened = await openVault(fourth!, account, openers.usb);
    expect(opened).toMatchObject({
      ok: true,
      vault: {
        identityPrivateKey: bytes(frozen.identityPrivateKey),
        vaultKey: bytes(frozen.vaultKey),
      },
    });
  });

  it('[ACC1] writes the frozen bytes again from the same randomness', async () => {
    const from = fixedRandom('sotto vault vectors');
    const { versions } = await createHistory(from);
    for (const [at, vault] of versions.entries())
      expect(encodeHex(await sealVault(vault, from))).toBe(frozen.version2[at]);
  });

  it('[SYNC19] opens with its own secrets alone: another password, key, passkey or account does not', async () => {
    const vault = bytes(frozen.version2[3]!);
    const others = createSecrets(random);
    for (const other of [others.password, { ...openers.phone, prf: random(32) }])
      expect(await openVault(vault, account, other)).toEqual({ ok: false, reason: 'wrap_refused' });
    for (const other of [others.recoveryKey, others.phone])
      expect(await openVault(vault, account, other)).toEqual({ ok: false, reason: 'no_wrap' });
    const vaultKey = { kind: 'vault_key', vaultKey: random(32) } as const;
    expect(await openVault(vault, account, vaultKey)).toEqual({
      ok: false,
      reason: 'identity_refused',
    });
    expect(new Set(Object.values(await tryAll(vault, random(16))))).toEqual(
      new Set(['wrap_refused', 'identity_refused']),
    );
  });

  it('[ACC2] of version 1 opens with its password, from frozen bytes, and counts as older than any other', async () => {
    const vault = bytes(frozen.version1);
    const none = 'no_wrap';
    expect(await tryAll(vault)).toMatchObject({
      password: 0,
      recoveryKey: none,
      phone: none,
      usb: none,
    });
    const opened = await openVault(vault, account, openers.password);
    if (!opened.ok) throw new Error(opened.reason);
    expect(opened.vault.identityPrivateKey).toEqual(bytes(frozen.identityPrivateKey));
    const next = await sealVault(await addWrap(opened.vault, openers.password, random), random);
    expect(await tryAll(next)).toMatchObject({ password: 1 });
  });

  it('[ACC3] opens in no part and with no bit changed', async () => {
    for (const hex of [frozen.version1, frozen.version2[1]!]) {
      const vault = bytes(hex);
      for (let at = 0; at < vault.length; at++) {
        const flipped = vault.slice();
        flipped[at]! ^= 1 << (at % 8);
        expect(await opens(flipped)).toBe(false);
      }
      for (const cut of [vault.slice(0, -1), vault.slice(1), Uint8Array.of(...vault, 0)])
        expect(await tryAll(cut)).toMatchObject({ password: 'malformed', vaultKey: 'malformed' });
    }
    expect(await opens(new Uint8Array())).toBe(false);
    expect(await opens(random(LIMITS.vault + 1))).toBe(false);
  }, 60_000);

  it('[ACC4] no wrap is dropped, doubled, moved, or brought back from an earlier version', async () => {
    // Sealed now, with the secrets of the frozen ones: these lies are told to this build.
    const { versions } = await createHistory(fixedRandom('sotto vault vectors'));
    const sealed = await Promise.all([versions[1], versions[3]].map((vault) => sealVault(vault, random)));
    const [second, fourth] = sealed.map((vault) => decodeCbor(vault, LIMITS.vault) as Loose);
    if (second === undefined || fourth === undefined) throw new Error('no vaults');
    expect(await opens(encodeCbor(fourth))).toBe(true);
    const lies: Record<string, Loose> = {
      'usb dropped': { ...fourth, wraps: fourth.wraps.slice(0, 3) },
      'order changed': { ...fourth, wraps: fourth.wraps.toReversed() },
      'wrap doubled': { ...fourth, wraps: [...fourth.wraps, fourth.wraps[0]!] },
      'earlier list': { ...fourth, wraps: second.wraps },
      'later list': { ...second, wraps: fourth.wraps },
      'earlier list and number': { ...fourth, wraps: second.wraps, n: second.n },
      'other number': { ...second, n: fourth.n },
      'earlier identity': { ...fourth, nonce: second.nonce, identity: second.identity },
      'other kind': {
        ...fourth,
        wraps: fourth.wraps.map((one) => (one.kind === 'password' ? { ...one, kind: 'passkey' } : one)),
      },
    };
    for (const [name, lie] of Object.entries(lies))
      expect([name, await opens(encodeCbor(lie))]).toEqual([name, false]);
  });

  it('[ACC4] parts of two vaults of one account, or of two accounts, open nothing together', async () => {
    const [mine, other] = [(await createHistory(random)).versions, (await createHistory(random)).versions];
    const again: Vault = { ...mine[3], vaultKey: random(32) };
    const whole = await Promise.all([mine[3], again, other[3]].map((vault) => sealVault(vault, random)));
    const [a, ...strangers] = whole.map((vault) => decodeCbor(vault, LIMITS.vault) as Loose);
    const { account: owner, vaultKey } = mine[3];
    for (const b of strangers) {
      const mixes = [
        { ...a!, wraps: [b.wraps[0]!, ...a!.wraps.slice(1)] },
        { ...a!, wraps: b.wraps },
        { ...a!, nonce: b.nonce, identity: b.identity },
      ].filter((mix) => Buffer.compare(encodeCbor(mix), whole[0]!) !== 0);
      for (const mix of mixes)
        expect((await openVault(encodeCbor(mix), owner, { kind: 'vault_key', vaultKey })).ok).toBe(false);
    }
  });

  it('[SYNC19] holds no key in the clear', async () => {
    const from = fixedRandom('in the clear');
    const { secrets, versions } = await createHistory(from);
    const text = Buffer.from(await sealVault(versions[3], from));
    const keys = [
      secrets.identityPrivateKey,
      versions[3].vaultKey,
      secrets.recoveryKey.secret,
      secrets.phone.prf,
    ];
    for (const key of keys) expect(text.includes(Buffer.from(key))).toBe(false);
    expect(text.includes(Buffer.from(secrets.password.exportKey))).toBe(false);
  });
});
