import { concatBytes, owned } from './bytes.ts';

/** PKCS #8 head of an X25519 private key (RFC 8410 §7). */
const PKCS8_HEAD = Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x6e, 4, 0x22, 4, 0x20);
const BASE_POINT = Uint8Array.of(9, ...new Uint8Array(31));

/** X25519 (RFC 7748 §6.1) by WebCrypto. Rejects when the shared secret would be zero: the public key is an attacker's. */
export async function sharedSecret(privateKey: Uint8Array, publicKey: Uint8Array): Promise<Uint8Array> {
  const pkcs8 = owned(concatBytes(PKCS8_HEAD, privateKey));
  const own = await crypto.subtle.importKey('pkcs8', pkcs8, 'X25519', false, ['deriveBits']);
  const theirs = await crypto.subtle.importKey('raw', owned(publicKey), 'X25519', false, []);
  return new Uint8Array(await crypto.subtle.deriveBits({ name: 'X25519', public: theirs }, own, 256));
}

export function publicKeyOf(privateKey: Uint8Array): Promise<Uint8Array> {
  return sharedSecret(privateKey, BASE_POINT);
}
