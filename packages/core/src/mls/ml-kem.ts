import { ml_kem768 } from '@noble/post-quantum/ml-kem.js';
import { owned } from './bytes.ts';

/** ML-KEM-768 (FIPS 203) over a 64-byte seed. */
export interface MlKem {
  publicKeyOf(seed: Uint8Array): Uint8Array;
  encapsulate(
    publicKey: Uint8Array,
  ): Promise<{ readonly secret: Uint8Array; readonly ciphertext: Uint8Array }>;
  decapsulate(seed: Uint8Array, ciphertext: Uint8Array): Promise<Uint8Array>;
}

/** WebCrypto's modern algorithms, which TypeScript does not know yet. */
interface ModernCrypto {
  importKey(
    format: string,
    key: Uint8Array,
    algorithm: string,
    extractable: boolean,
    usages: string[],
  ): Promise<object>;
  encapsulateBits(
    algorithm: string,
    key: object,
  ): Promise<{ sharedKey: ArrayBuffer; ciphertext: ArrayBuffer }>;
  decapsulateBits(algorithm: string, key: object, ciphertext: Uint8Array): Promise<ArrayBuffer>;
}

const NAME = 'ML-KEM-768';

/** Native where a browser has it, thirty times faster there; `random` serves the other one. */
export async function createMlKem(isBrowser: boolean, random: (n: number) => Uint8Array): Promise<MlKem> {
  const publicKeyOf = (seed: Uint8Array) => ml_kem768.keygen(seed).publicKey;
  const subtle = crypto.subtle as unknown as ModernCrypto;
  if (!isBrowser || !(await isNative(subtle, publicKeyOf(new Uint8Array(64))))) {
    return {
      publicKeyOf,
      async encapsulate(publicKey) {
        const { cipherText, sharedSecret } = ml_kem768.encapsulate(publicKey, random(32));
        return { secret: sharedSecret, ciphertext: cipherText };
      },
      decapsulate: async (seed, ciphertext) =>
        ml_kem768.decapsulate(ciphertext, ml_kem768.keygen(seed).secretKey),
    };
  }
  return {
    publicKeyOf,
    async encapsulate(publicKey) {
      const key = await subtle.importKey('raw-public', owned(publicKey), NAME, false, ['encapsulateBits']);
      const { sharedKey, ciphertext } = await subtle.encapsulateBits(NAME, key);
      return { secret: new Uint8Array(sharedKey), ciphertext: new Uint8Array(ciphertext) };
    },
    async decapsulate(seed, ciphertext) {
      const key = await subtle.importKey('raw-seed', owned(seed), NAME, false, ['decapsulateBits']);
      return new Uint8Array(await subtle.decapsulateBits(NAME, key, owned(ciphertext)));
    },
  };
}

async function isNative(subtle: ModernCrypto, publicKey: Uint8Array): Promise<boolean> {
  if (!('encapsulateBits' in subtle)) return false;
  try {
    await subtle.importKey('raw-public', owned(publicKey), NAME, false, ['encapsulateBits']);
    return true;
  } catch {
    return false;
  }
}
