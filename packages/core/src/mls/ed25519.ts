import { ed25519 } from '@noble/curves/ed25519.js';
import type { Signature } from 'ts-mls';
import { concatBytes, owned } from './bytes.ts';

/** PKCS #8 head of an Ed25519 seed (RFC 8410 §7): WebCrypto takes private keys in no rawer form. */
const PKCS8_HEAD = Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20);

/**
 * Whether every verifier gives this signature, valid under a key of prime order, the same verdict (docs/decisions/0002):
 * with and without the cofactor they differ when R has a part of small order, and whoever holds the key can make one.
 * Asked wherever a disagreement would split the group.
 */
export function isUnambiguous(signature: Uint8Array): boolean {
  try {
    return ed25519.Point.fromBytes(signature.subarray(0, 32)).isTorsionFree();
  } catch {
    return false;
  }
}

/**
 * Ed25519 through WebCrypto. Importing a key costs as much as using it, so imported keys are remembered for as long as
 * their bytes live: the leaves of a tree keep theirs from one message to the next.
 */
export function createEd25519(random: (n: number) => Uint8Array): Signature {
  const signKeys = new WeakMap<Uint8Array, Promise<CryptoKey>>();
  const verifyKeys = new WeakMap<Uint8Array, Promise<CryptoKey>>();
  const remember = (cache: typeof signKeys, raw: Uint8Array, load: () => Promise<CryptoKey>) => {
    const known = cache.get(raw);
    if (known !== undefined) return known;
    const loaded = load();
    cache.set(raw, loaded);
    return loaded;
  };
  return {
    async sign(seed, message) {
      const key = await remember(signKeys, seed, () =>
        crypto.subtle.importKey('pkcs8', owned(concatBytes(PKCS8_HEAD, seed)), 'Ed25519', false, ['sign']),
      );
      return new Uint8Array(await crypto.subtle.sign('Ed25519', key, owned(message)));
    },
    async verify(publicKey, message, signature) {
      try {
        const key = await remember(verifyKeys, publicKey, () =>
          crypto.subtle.importKey('raw', owned(publicKey), 'Ed25519', false, ['verify']),
        );
        return await crypto.subtle.verify('Ed25519', key, owned(signature), owned(message));
      } catch {
        return false; // not a key: nothing is signed by it
      }
    },
    async keygen() {
      const signKey = random(32);
      return { signKey, publicKey: ed25519.getPublicKey(signKey) };
    },
  };
}
