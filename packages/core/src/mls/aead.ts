import { gcm } from '@noble/ciphers/aes.js';
import { owned } from './bytes.ts';

/** AES-GCM, the key length deciding which (RFC 5116). `open` rejects when the tag does not hold. */
export interface Aead {
  seal(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Promise<Uint8Array>;
  open(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, ciphertext: Uint8Array): Promise<Uint8Array>;
}

/** Where plaintexts are small, a round trip to WebCrypto costs Node more than the cipher. Bytes. */
const LARGE = 2048;

/**
 * Every message has a key of its own, so nothing is worth caching but the choice: WebCrypto in browsers, where its round
 * trip is short, and for large inputs; elsewhere a synchronous cipher (docs/decisions/0003).
 */
export function createAead(isBrowser: boolean): Aead {
  const isNative = (input: Uint8Array) => isBrowser || input.length > LARGE;
  return {
    async seal(key, nonce, aad, plaintext) {
      if (!isNative(plaintext)) return gcm(key, nonce, aad).encrypt(plaintext);
      const imported = await importKey(key, 'encrypt');
      return new Uint8Array(await crypto.subtle.encrypt(parameters(nonce, aad), imported, owned(plaintext)));
    },
    async open(key, nonce, aad, ciphertext) {
      if (!isNative(ciphertext)) return gcm(key, nonce, aad).decrypt(ciphertext);
      const imported = await importKey(key, 'decrypt');
      return new Uint8Array(await crypto.subtle.decrypt(parameters(nonce, aad), imported, owned(ciphertext)));
    },
  };
}

function importKey(key: Uint8Array, usage: 'encrypt' | 'decrypt'): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', owned(key), 'AES-GCM', false, [usage]);
}

function parameters(nonce: Uint8Array, aad: Uint8Array): AesGcmParams {
  return { name: 'AES-GCM', iv: owned(nonce), additionalData: owned(aad) };
}
