import { ed25519 } from '@noble/curves/ed25519.js';
import { exactBytes } from './bytes.ts';

/** An Ed25519 pair (RFC 8032): `publicKey` 32 bytes, `privateKey` the 32-byte seed. */
export interface KeyPair {
  readonly publicKey: Uint8Array;
  readonly privateKey: Uint8Array;
}

/** @param random 32 bytes from a secure source, used as the seed. Throws `ChainError` when it has another length. */
export function generateKeyPair(random: Uint8Array): KeyPair {
  const privateKey = new Uint8Array(exactBytes(random, 32));
  return { publicKey: ed25519.getPublicKey(privateKey), privateKey };
}

export function signBytes(message: Uint8Array, privateKey: Uint8Array): Uint8Array {
  return ed25519.sign(message, privateKey);
}

/**
 * Key, signature and message may all be the attacker's. RFC 8032 encodings only, no key of small order, and no part of
 * small order in the signature's R: with that, verifiers with the cofactor (this one) and without (OpenSSL, WebCrypto)
 * disagree, and whoever holds the key could show two clients one chain of which one of them refuses a statement.
 */
export function verifyBytes(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  if (signature.length !== 64 || publicKey.length !== 32) return false;
  return (
    ed25519.verify(signature, message, publicKey, { zip215: false }) &&
    ed25519.Point.fromBytes(signature.subarray(0, 32)).isTorsionFree()
  );
}

/** Whether a key may enter a chain: a canonical point of prime order, for the same reason. */
export function isUsableKey(key: Uint8Array): boolean {
  try {
    const point = ed25519.Point.fromBytes(key, false);
    return !point.is0() && point.isTorsionFree();
  } catch {
    return false;
  }
}
