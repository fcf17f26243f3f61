import { expand as expandNoble } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import type { Hash, Kdf } from 'ts-mls';
import { equalBytes, owned } from './bytes.ts';

export type HashName = 'SHA-256' | 'SHA-512';

/** From here on WebCrypto's speed makes up for its round trip. Bytes. */
const LARGE = 8192;

/**
 * Hashes, MACs and HKDF (RFC 5869). Most inputs of MLS are a few hundred bytes, where a synchronous hash beats WebCrypto
 * in Node by far; large ones go to WebCrypto. One secret is mostly expanded several times in a row, so the last keyed
 * HMAC is kept: that saves half of every further expansion.
 */
export function createHashing(name: HashName): { readonly hash: Hash; readonly kdf: Kdf } {
  const digest = name === 'SHA-512' ? sha512 : sha256;
  const size = digest.outputLen;
  let last: {
    readonly prk: Uint8Array;
    readonly copy: Uint8Array;
    readonly keyed: ReturnType<typeof hmac.create>;
  };
  const keyedBy = (prk: Uint8Array) => {
    if (last?.prk !== prk || !equalBytes(last.copy, prk)) {
      last = { prk, copy: prk.slice(), keyed: hmac.create(digest, prk) };
    }
    return last.keyed.clone();
  };
  const mac = async (key: Uint8Array, data: Uint8Array) =>
    data.length > LARGE ? nativeMac(name, key, data) : hmac(digest, key, data);
  return {
    hash: {
      digest: async (data) =>
        data.length > LARGE ? new Uint8Array(await crypto.subtle.digest(name, owned(data))) : digest(data),
      mac,
      verifyMac: async (key, tag, data) => equalBytes(await mac(key, data), tag),
    },
    kdf: {
      size,
      extract: (salt, ikm) => mac(salt.length === 0 ? new Uint8Array(size) : salt, ikm),
      async expand(prk, info, length) {
        if (length > size) return expandNoble(digest, prk, info, length);
        const block = keyedBy(prk).update(info).update(Uint8Array.of(1)).digest();
        return length === size ? block : block.subarray(0, length);
      },
    },
  };
}

async function nativeMac(hash: HashName, key: Uint8Array, data: Uint8Array): Promise<Uint8Array> {
  const imported = await crypto.subtle.importKey('raw', owned(key), { name: 'HMAC', hash }, false, ['sign']);
  return new Uint8Array(await crypto.subtle.sign('HMAC', imported, owned(data)));
}
