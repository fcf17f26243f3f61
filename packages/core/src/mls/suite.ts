import type { CiphersuiteImpl, CiphersuiteName } from 'ts-mls';
import { createAead } from './aead.ts';
import { createEd25519 } from './ed25519.ts';
import { createHashing } from './hashing.ts';
import { createHpke } from './hpke.ts';
import { createDhKem, createXWing } from './kem.ts';
import { createMlKem } from './ml-kem.ts';

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
export async function createSuite(
  name: SuiteName,
  random: (n: number) => Uint8Array,
  isBrowser: boolean = hasBrowserCrypto(),
): Promise<Suite> {
  if (name !== DEFAULT_SUITE && name !== INTEROP_SUITE) {
    throw new Error('suite is below the floor of this build');
  }
  const isDefault = name === DEFAULT_SUITE;
  const { hash, kdf } = createHashing(isDefault ? 'SHA-512' : 'SHA-256', isBrowser);
  const kem = isDefault
    ? createXWing(await createMlKem(isBrowser, random), random)
    : createDhKem(kdf, random);
  const ids = isDefault ? { kdfId: 3, aeadId: 2, keyLength: 32 } : { kdfId: 1, aeadId: 1, keyLength: 16 };
  return {
    name: name satisfies CiphersuiteName,
    hash,
    kdf,
    hpke: createHpke({ kem, kdf, aead: createAead(isBrowser), random, ...ids }),
    signature: createEd25519(random),
    rng: { randomBytes: random },
    publicKeyOf: kem.publicKeyOf,
  };
}

/** Browsers run WebCrypto a few microseconds away; Node hands every call to another thread (docs/decisions/0003). */
function hasBrowserCrypto(): boolean {
  return 'WorkerGlobalScope' in globalThis || 'Window' in globalThis;
}
