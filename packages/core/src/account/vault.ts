import { hkdf } from '@noble/hashes/hkdf.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { decodeCbor, encodeCbor, LIMITS } from '@sotto/protocol';
import { z } from 'zod';
import type { Random } from '../chat/clock.ts';

const VERSION = 1;
const NONCE = 12;

const sealedBox = z.strictObject({
  nonce: z.instanceof(Uint8Array).refine((nonce) => nonce.length === NONCE),
  sealed: z.instanceof(Uint8Array).refine((sealed) => sealed.length <= 256),
});
const vaultRecord = z.strictObject({
  v: z.literal(VERSION),
  /** VK wrapped under a key of the OPAQUE export key; more ways to unwrap come beside it. */
  opaque: sealedBox,
  /** The identity private key under VK. */
  identity: sealedBox,
});

/**
 * The record an account leaves at the relay: its identity private key (32-byte Ed25519 seed) under VK (random 256 bits),
 * VK under HKDF of the OPAQUE export key. Associated data = account, record type, version, so that no part can stand in
 * for another or serve another account.
 */
export async function sealVault(options: {
  readonly account: Uint8Array;
  readonly identityPrivateKey: Uint8Array;
  readonly exportKey: Uint8Array;
  readonly random: Random;
}): Promise<Uint8Array> {
  const { account, identityPrivateKey, exportKey, random } = options;
  const vaultKey = random(32);
  try {
    return encodeCbor({
      v: VERSION,
      opaque: await seal(wrapKey(exportKey), vaultKey, associated(account, 'wrap:opaque'), random),
      identity: await seal(vaultKey, identityPrivateKey, associated(account, 'identity'), random),
    });
  } finally {
    vaultKey.fill(0);
  }
}

/**
 * The identity private key, or undefined when the bytes (the relay's) are not this account's vault under this password.
 * The caller still checks the key against the account's chain.
 */
export async function openVault(
  vault: Uint8Array,
  account: Uint8Array,
  exportKey: Uint8Array,
): Promise<Uint8Array | undefined> {
  const record = vaultRecord.safeParse(decodeCbor(vault, LIMITS.vault));
  if (!record.success) return undefined;
  const { opaque, identity } = record.data;
  const vaultKey = await open(wrapKey(exportKey), opaque, associated(account, 'wrap:opaque'));
  if (vaultKey?.length !== 32) return undefined;
  const key = await open(vaultKey, identity, associated(account, 'identity'));
  vaultKey.fill(0);
  return key?.length === 32 ? key : undefined;
}

function wrapKey(exportKey: Uint8Array): Uint8Array<ArrayBuffer> {
  const info = new TextEncoder().encode('sotto vault wrap opaque v1');
  return new Uint8Array(hkdf(sha512, exportKey, undefined, info, 32));
}

function associated(account: Uint8Array, type: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(encodeCbor([account, type, VERSION]));
}

async function importKey(key: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return await crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt', 'decrypt']);
}

async function seal(
  key: Uint8Array<ArrayBuffer>,
  plain: Uint8Array,
  additionalData: Uint8Array<ArrayBuffer>,
  random: Random,
): Promise<{ nonce: Uint8Array; sealed: Uint8Array }> {
  const nonce = random(NONCE);
  const algorithm = { name: 'AES-GCM', iv: nonce, additionalData };
  const sealed = await crypto.subtle.encrypt(algorithm, await importKey(key), new Uint8Array(plain));
  return { nonce, sealed: new Uint8Array(sealed) };
}

async function open(
  key: Uint8Array<ArrayBuffer>,
  box: { nonce: Uint8Array; sealed: Uint8Array },
  additionalData: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const algorithm = { name: 'AES-GCM', iv: new Uint8Array(box.nonce), additionalData };
  try {
    const plain = await crypto.subtle.decrypt(algorithm, await importKey(key), new Uint8Array(box.sealed));
    return new Uint8Array(plain);
  } catch {
    return undefined;
  }
}
