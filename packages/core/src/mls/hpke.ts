import type { Hpke, Kdf, PrivateKey, PublicKey } from 'ts-mls';
import { CryptoError } from 'ts-mls/mlsError.js';
import type { Aead } from './aead.ts';
import { concatBytes } from './bytes.ts';
import type { Kem } from './kem.ts';
import { labeledExpand, labeledExtract } from './labeled.ts';

export interface HpkeParts {
  readonly kem: Kem;
  readonly kdf: Kdf;
  readonly aead: Aead;
  /** RFC 9180 §7.2, §7.3. */
  readonly kdfId: number;
  readonly aeadId: number;
  readonly keyLength: number;
  readonly random: (n: number) => Uint8Array;
}

const NONCE_LENGTH = 12;
const NOTHING = new Uint8Array();

/**
 * HPKE in base mode, single-shot (RFC 9180 §5.1.1, §6.1), and the AEAD as ts-mls asks for it. Keys travel as their
 * serialized bytes: the library only hands them back. What does not open rejects with the library's CryptoError.
 */
export function createHpke(parts: HpkeParts): Hpke {
  const { kem, aead, keyLength, random } = parts;
  const importKey = (bytes: Uint8Array, length: number) => {
    if (bytes.length !== length) throw new CryptoError('not a key of this suite');
    return bytes as unknown;
  };
  const keyPair = async (ikm: Uint8Array) => {
    const privateKey = await kem.derivePrivateKey(ikm);
    const publicKey = await kem.publicKeyOf(privateKey);
    return { privateKey: privateKey as unknown as PrivateKey, publicKey: publicKey as unknown as PublicKey };
  };
  return {
    keyLength,
    nonceLength: NONCE_LENGTH,
    importPrivateKey: async (bytes) => importKey(bytes, kem.privateKeyLength) as PrivateKey,
    importPublicKey: async (bytes) => importKey(bytes, kem.publicKeyLength) as PublicKey,
    exportPublicKey: async (key) => bytesOf(key),
    exportPrivateKey: async (key) => bytesOf(key),
    deriveKeyPair: keyPair,
    generateKeyPair: () => keyPair(random(64)),
    encryptAead: (key, nonce, aad, plaintext) => aead.seal(key, nonce, aad ?? NOTHING, plaintext),
    decryptAead: (key, nonce, aad, ciphertext) => opening(aead.open(key, nonce, aad ?? NOTHING, ciphertext)),
    async seal(publicKey, plaintext, info, aad) {
      const { secret, enc } = await opening(kem.encapsulate(bytesOf(publicKey)));
      const { key, nonce } = await schedule(parts, secret, info);
      return { enc, ct: await aead.seal(key, nonce, aad ?? NOTHING, plaintext) };
    },
    async open(privateKey, enc, ciphertext, info, aad) {
      const secret = await opening(kem.decapsulate(bytesOf(privateKey), enc));
      const { key, nonce } = await schedule(parts, secret, info);
      return opening(aead.open(key, nonce, aad ?? NOTHING, ciphertext));
    },
    async exportSecret(publicKey, exporterContext, length, info) {
      const { secret, enc } = await opening(kem.encapsulate(bytesOf(publicKey)));
      return { enc, secret: await exported(parts, secret, info, exporterContext, length) };
    },
    async importSecret(privateKey, exporterContext, enc, length, info) {
      const secret = await opening(kem.decapsulate(bytesOf(privateKey), enc));
      return exported(parts, secret, info, exporterContext, length);
    },
  };
}

function bytesOf(key: PublicKey | PrivateKey): Uint8Array {
  return key as unknown as Uint8Array;
}

/** Whatever a primitive throws at hostile input becomes one error that says nothing. */
async function opening<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch {
    throw new CryptoError('does not open');
  }
}

/** RFC 9180 §5.1: KeySchedule in base mode. */
async function schedule(parts: HpkeParts, shared: Uint8Array, info: Uint8Array) {
  const { kdf, keyLength } = parts;
  const suite = suiteId(parts);
  const pskHash = await labeledExtract(kdf, suite, NOTHING, 'psk_id_hash', NOTHING);
  const infoHash = await labeledExtract(kdf, suite, NOTHING, 'info_hash', info);
  const context = concatBytes(Uint8Array.of(0), pskHash, infoHash);
  const secret = await labeledExtract(kdf, suite, shared, 'secret', NOTHING);
  return {
    key: await labeledExpand(kdf, suite, secret, 'key', context, keyLength),
    nonce: await labeledExpand(kdf, suite, secret, 'base_nonce', context, NONCE_LENGTH),
    exporter: await labeledExpand(kdf, suite, secret, 'exp', context, kdf.size),
  };
}

/** RFC 9180 §5.3. */
async function exported(
  parts: HpkeParts,
  shared: Uint8Array,
  info: Uint8Array,
  exporterContext: Uint8Array,
  length: number,
): Promise<Uint8Array> {
  const { exporter } = await schedule(parts, shared, info);
  return labeledExpand(parts.kdf, suiteId(parts), exporter, 'sec', exporterContext, length);
}

/** "HPKE" ‖ kem ‖ kdf ‖ aead. */
function suiteId({ kem, kdfId, aeadId }: HpkeParts): Uint8Array {
  return Uint8Array.of(0x48, 0x50, 0x4b, 0x45, kem.id >> 8, kem.id & 0xff, 0, kdfId, 0, aeadId);
}
