import { sha3_256, shake256 } from '@noble/hashes/sha3.js';
import type { Kdf } from 'ts-mls';
import { concatBytes } from './bytes.ts';
import { labeledExpand, labeledExtract } from './labeled.ts';
import type { MlKem } from './ml-kem.ts';
import { publicKeyOf as x25519PublicKeyOf, sharedSecret as x25519SharedSecret } from './x25519.ts';

interface Encapsulated {
  readonly secret: Uint8Array;
  readonly enc: Uint8Array;
}

/** A key encapsulation mechanism as HPKE uses it (RFC 9180 §4), over serialized keys. */
export interface Kem {
  /** RFC 9180 §7.1. */
  readonly id: number;
  readonly publicKeyLength: number;
  readonly privateKeyLength: number;
  /** The private key that `ikm` stands for. */
  derivePrivateKey(ikm: Uint8Array): Promise<Uint8Array>;
  publicKeyOf(privateKey: Uint8Array): Promise<Uint8Array>;
  /** Rejects on a public key that is none: it is an attacker's. */
  encapsulate(publicKey: Uint8Array): Promise<Encapsulated>;
  decapsulate(privateKey: Uint8Array, enc: Uint8Array): Promise<Uint8Array>;
}

/** DHKEM(X25519, HKDF-SHA256), RFC 9180 §4.1. */
export function createDhKem(kdf: Kdf, random: (n: number) => Uint8Array): Kem {
  const suite = Uint8Array.of(0x4b, 0x45, 0x4d, 0x00, 0x20); // "KEM" ‖ id
  const nothing = new Uint8Array();
  const extractAndExpand = async (shared: Uint8Array, context: Uint8Array) => {
    const prk = await labeledExtract(kdf, suite, nothing, 'eae_prk', shared);
    return labeledExpand(kdf, suite, prk, 'shared_secret', context, 32);
  };
  return {
    id: 0x0020,
    publicKeyLength: 32,
    privateKeyLength: 32,
    publicKeyOf: x25519PublicKeyOf,
    async derivePrivateKey(ikm) {
      const prk = await labeledExtract(kdf, suite, nothing, 'dkp_prk', ikm);
      return labeledExpand(kdf, suite, prk, 'sk', nothing, 32);
    },
    async encapsulate(publicKey) {
      const ephemeral = random(32);
      const enc = await x25519PublicKeyOf(ephemeral);
      const shared = await x25519SharedSecret(ephemeral, publicKey);
      return { secret: await extractAndExpand(shared, concatBytes(enc, publicKey)), enc };
    },
    async decapsulate(privateKey, enc) {
      const shared = await x25519SharedSecret(privateKey, enc);
      return extractAndExpand(shared, concatBytes(enc, await x25519PublicKeyOf(privateKey)));
    },
  };
}

/** The label of the combiner: `\.//^\` (draft-connolly-cfrg-xwing-kem §5.3). */
const XWING_LABEL = Uint8Array.of(0x5c, 0x2e, 0x2f, 0x2f, 0x5e, 0x5c);
const ML_KEM_PUBLIC = 1184;
const ML_KEM_CIPHERTEXT = 1088;

/** X-Wing: ML-KEM-768 and X25519, safe while one of them is (draft-connolly-cfrg-xwing-kem §5). */
export function createXWing(mlKem: MlKem, random: (n: number) => Uint8Array): Kem {
  const expandSeed = (seed: Uint8Array) => {
    const expanded = shake256(seed, { dkLen: 96 });
    return { mlKemSeed: expanded.subarray(0, 64), x25519Key: expanded.subarray(64) };
  };
  const combine = (one: Uint8Array, other: Uint8Array, ciphertext: Uint8Array, publicKey: Uint8Array) =>
    sha3_256(concatBytes(one, other, ciphertext, publicKey, XWING_LABEL));
  return {
    id: 0x647a,
    publicKeyLength: ML_KEM_PUBLIC + 32,
    privateKeyLength: 32,
    derivePrivateKey: async (ikm) => shake256(ikm, { dkLen: 32 }),
    async publicKeyOf(privateKey) {
      const { mlKemSeed, x25519Key } = expandSeed(privateKey);
      return concatBytes(mlKem.publicKeyOf(mlKemSeed), await x25519PublicKeyOf(x25519Key));
    },
    async encapsulate(publicKey) {
      const theirs = publicKey.subarray(ML_KEM_PUBLIC);
      const ephemeral = random(32);
      const [{ secret, ciphertext }, enc, shared] = await Promise.all([
        mlKem.encapsulate(publicKey.subarray(0, ML_KEM_PUBLIC)),
        x25519PublicKeyOf(ephemeral),
        x25519SharedSecret(ephemeral, theirs),
      ]);
      return { secret: combine(secret, shared, enc, theirs), enc: concatBytes(ciphertext, enc) };
    },
    async decapsulate(privateKey, enc) {
      if (enc.length !== ML_KEM_CIPHERTEXT + 32) throw new Error('not an encapsulated key');
      const { mlKemSeed, x25519Key } = expandSeed(privateKey);
      const theirs = enc.subarray(ML_KEM_CIPHERTEXT);
      const [secret, shared, own] = await Promise.all([
        mlKem.decapsulate(mlKemSeed, enc.subarray(0, ML_KEM_CIPHERTEXT)),
        x25519SharedSecret(x25519Key, theirs),
        x25519PublicKeyOf(x25519Key),
      ]);
      return combine(secret, shared, theirs, own);
    },
  };
}
