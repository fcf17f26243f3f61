import { Aes128Gcm, Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256, HkdfSha512 } from '@hpke/core';
import { XWing } from '@hpke/hybridkem-x-wing';
import { gcm } from '@noble/ciphers/aes.js';
import { x25519 } from '@noble/curves/ed25519.js';
import { expand, extract } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import type { CiphersuiteImpl, CiphersuiteName } from 'ts-mls';
import { getCiphersuiteFromName } from 'ts-mls/crypto/ciphersuite.js';
import { makeGenericHpke } from 'ts-mls/crypto/implementation/hpke.js';
import { equalBytes } from './bytes.ts';
import { createEd25519 } from './ed25519.ts';

/** Chosen by name: draft suites have changed numbers before. */
export const DEFAULT_SUITE = 'MLS_256_XWING_AES256GCM_SHA512_Ed25519';
/** Below the floor of the build: only the interoperability test asks for it, by an explicit option. */
export const INTEROP_SUITE = 'MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519';

export type SuiteName = typeof DEFAULT_SUITE | typeof INTEROP_SUITE;

export interface Suite extends CiphersuiteImpl {
  /** The public half of a KEM private key, both as they are serialized. */
  readonly publicKeyOf: (privateKey: Uint8Array) => Promise<Uint8Array>;
}

/** Throws on a suite that this build does not hold. `random` gives n fresh bytes from a cryptographic source. */
export async function createSuite(name: SuiteName, random: (n: number) => Uint8Array): Promise<Suite> {
  if (name !== DEFAULT_SUITE && name !== INTEROP_SUITE)
    throw new Error('suite is below the floor of this build');
  const isDefault = name === DEFAULT_SUITE;
  const digest = isDefault ? sha512 : sha256;
  const aead = {
    async encrypt(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array) {
      return gcm(key, nonce, aad).encrypt(plaintext);
    },
    async decrypt(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, ciphertext: Uint8Array) {
      return gcm(key, nonce, aad).decrypt(ciphertext);
    },
  };
  const xWing = new XWing();
  const hpkeSuite = new CipherSuite({
    kem: isDefault ? xWing : new DhkemX25519HkdfSha256(),
    kdf: isDefault ? new HkdfSha512() : new HkdfSha256(),
    aead: isDefault ? new Aes256Gcm() : new Aes128Gcm(),
  });
  return {
    name: name satisfies CiphersuiteName,
    hash: {
      digest: async (data) => digest(data),
      mac: async (key, data) => hmac(digest, key, data),
      verifyMac: async (key, mac, data) => equalBytes(hmac(digest, key, data), mac),
    },
    kdf: {
      size: digest.outputLen,
      extract: async (salt, ikm) => extract(digest, ikm, salt),
      expand: async (prk, info, length) => expand(digest, prk, info, length),
    },
    hpke: await makeGenericHpke(getCiphersuiteFromName(name).hpke, aead, hpkeSuite),
    signature: createEd25519(random),
    rng: { randomBytes: random },
    async publicKeyOf(privateKey) {
      if (!isDefault) return x25519.getPublicKey(privateKey);
      const pair = await xWing.generateKeyPairDerand(new Uint8Array(privateKey));
      return new Uint8Array(await xWing.serializePublicKey(pair.publicKey));
    },
  };
}
