import { sha256 } from '@noble/hashes/sha2.js';
import { encodeCbor } from '@sotto/protocol';
import type { Random } from '../chat/clock.ts';
import { deriveKey, openBox, sealBox } from './vault-box.ts';
import { decodeVaultRecord, encodeVaultRecord, type VaultRecord } from './vault-record.ts';
import { makeWrap, openWrap, type Wrap, type WrapOpener } from './vault-wraps.ts';

/**
 * The vault in the clear. `n` counts its versions. `vaultKey` (VK, 256 random bits) opens it, `identityPrivateKey` (32-byte
 * Ed25519 seed) is what it is for, `wraps` are the ways to VK.
 */
export interface Vault {
  readonly account: Uint8Array;
  readonly n: number;
  readonly vaultKey: Uint8Array;
  readonly identityPrivateKey: Uint8Array;
  readonly wraps: readonly Wrap[];
}

/** One of the ways, or VK itself on a device that keeps it. */
export type VaultOpener = WrapOpener | { readonly kind: 'vault_key'; readonly vaultKey: Uint8Array };

/**
 * Why a vault does not open. `malformed`: no vault of a version known here. `no_wrap`: none for this way. `wrap_refused`: the
 * wrap is for another secret or account, or altered. `identity_refused`: altered, another account's, or its wraps are not those
 * it was sealed with: exchanged, dropped, or of another version.
 */
type VaultReason = 'malformed' | 'no_wrap' | 'wrap_refused' | 'identity_refused';

export type OpenedVault =
  | { readonly ok: true; readonly vault: Vault }
  | { readonly ok: false; readonly reason: VaultReason };

/** A vault for a new identity, with one way to open it. `n` 1 unless it takes another one's place. */
export async function createVault(of: {
  readonly account: Uint8Array;
  readonly identityPrivateKey: Uint8Array;
  readonly opener: WrapOpener;
  readonly random: Random;
  readonly n?: number | undefined;
}): Promise<Vault> {
  const { account, identityPrivateKey, random, n = 1 } = of;
  const vaultKey = random(32);
  const wraps = [await makeWrap(account, vaultKey, of.opener, random)];
  return { account, n, vaultKey, identityPrivateKey, wraps };
}

/** The bytes that go to the relay. */
export async function sealVault(vault: Vault, random: Random): Promise<Uint8Array> {
  const { account, n, wraps, vaultKey, identityPrivateKey } = vault;
  const key = new Uint8Array(vaultKey);
  const identity = await sealBox(key, identityPrivateKey, aboutIdentity(account, n, wraps), random);
  key.fill(0);
  return encodeVaultRecord({ v: 2, n, wraps, identity });
}

/**
 * Opens what the relay gives as this account's vault. The caller still checks the identity key against the account's chain, and
 * `n` against the highest this device saw.
 */
export async function openVault(
  bytes: Uint8Array,
  account: Uint8Array,
  opener: VaultOpener,
): Promise<OpenedVault> {
  const record = decodeVaultRecord(bytes);
  if (record === undefined) return { ok: false, reason: 'malformed' };
  const vaultKey = await openKey(record, account, opener);
  if (typeof vaultKey === 'string') return { ok: false, reason: vaultKey };
  const [n, wraps] = record.v === 1 ? [0, []] : [record.n, record.wraps];
  const about = record.v === 1 ? [account, 'identity', 1] : aboutIdentity(account, n, wraps);
  const identityPrivateKey = await openBox(vaultKey, record.identity, about);
  if (identityPrivateKey?.length !== 32) return { ok: false, reason: 'identity_refused' };
  return { ok: true, vault: { account, n, vaultKey, identityPrivateKey, wraps } };
}

async function openKey(
  record: VaultRecord,
  account: Uint8Array,
  opener: VaultOpener,
): Promise<Uint8Array<ArrayBuffer> | 'no_wrap' | 'wrap_refused'> {
  if (opener.kind === 'vault_key') return new Uint8Array(opener.vaultKey);
  if (record.v === 2) return await openWrap(account, record.wraps, opener);
  // Version 1 had the password alone, and goes with the first change.
  if (opener.kind !== 'password') return 'no_wrap';
  const key = deriveKey(opener.exportKey, 'sotto vault wrap opaque v1');
  const vaultKey = await openBox(key, record.opaque, [account, 'wrap:opaque', 1]);
  return vaultKey?.length === 32 ? vaultKey : 'wrap_refused';
}

/**
 * `n` and the hash of all wraps: whoever holds the bytes cannot exchange, drop or bring back one of them, nor sell an earlier
 * list of wraps as the present one, since none of it can be sealed without VK.
 */
function aboutIdentity(account: Uint8Array, n: number, wraps: readonly Wrap[]): readonly unknown[] {
  return ['sotto vault identity v2', account, n, sha256(encodeCbor(wraps))];
}
