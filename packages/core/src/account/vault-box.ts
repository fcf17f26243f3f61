import { hkdf } from '@noble/hashes/hkdf.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { encodeCbor } from '@sotto/protocol';
import type { Random } from '../chat/clock.ts';

export const NONCE = 12;

/** AES-256-GCM. */
export interface SealedBox {
  /** 12 bytes, random: keys of the vault seal a handful of times. */
  readonly nonce: Uint8Array;
  readonly sealed: Uint8Array;
}

/** @param about associated data, as deterministic CBOR: what the box is for. It opens for nothing else. */
export async function sealBox(
  key: Uint8Array<ArrayBuffer>,
  plain: Uint8Array,
  about: readonly unknown[],
  random: Random,
): Promise<SealedBox> {
  const nonce = random(NONCE);
  const sealed = await crypto.subtle.encrypt(
    { name: 'AES-GCM', iv: nonce, additionalData: new Uint8Array(encodeCbor(about)) },
    await importKey(key),
    new Uint8Array(plain),
  );
  return { nonce, sealed: new Uint8Array(sealed) };
}

/** Undefined for a box that this key did not seal, for this purpose. The bytes may be the relay's. */
export async function openBox(
  key: Uint8Array<ArrayBuffer>,
  box: SealedBox,
  about: readonly unknown[],
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const iv = new Uint8Array(box.nonce);
  const additionalData = new Uint8Array(encodeCbor(about));
  try {
    const plain = await crypto.subtle.decrypt(
      { name: 'AES-GCM', iv, additionalData },
      await importKey(key),
      new Uint8Array(box.sealed),
    );
    return new Uint8Array(plain);
  } catch {
    return undefined;
  }
}

/** HKDF-SHA-512 (RFC 5869) without salt: every secret that goes in is uniform. One label, one purpose. */
export function deriveKey(secret: Uint8Array, label: string, length = 32): Uint8Array<ArrayBuffer> {
  return new Uint8Array(hkdf(sha512, secret, undefined, new TextEncoder().encode(label), length));
}

async function importKey(key: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return await crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt', 'decrypt']);
}
