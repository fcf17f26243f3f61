import { expand as expandNoble } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import type { Hash, Kdf } from 'ts-mls';
import { concatBytes, equalBytes, owned } from './bytes.ts';

export type HashName = 'SHA-256' | 'SHA-512';

/** From here on WebCrypto's speed makes up for its round trip. Bytes. */
const LARGE = 8192;

/**
 * Hashes, MACs and HKDF (RFC 5869). Most inputs of MLS are a few hundred bytes, where a synchronous hash beats WebCrypto
 * in Node by far; large ones go to WebCrypto. Expansions, five a message, are WebCrypto's in browsers, where they cost
 * less than the hash and need no warming up (docs/decisions/0003).
 */
export function createHashing(
  name: HashName,
  isBrowser: boolean,
): { readonly hash: Hash; readonly kdf: Kdf } {
  const digest = name === 'SHA-512' ? sha512 : sha256;
  const size = digest.outputLen;
  const expandBlock = isBrowser ? createNativeExpand(name) : createExpand(digest);
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
        const block = await expandBlock(prk, concatBytes(info, Uint8Array.of(1)));
        return length === size ? block : block.subarray(0, length);
      },
    },
  };
}

/** HMAC of one block under a secret. */
type ExpandBlock = (prk: Uint8Array, block: Uint8Array) => Uint8Array | Promise<Uint8Array>;

function createExpand(digest: typeof sha256 | typeof sha512): ExpandBlock {
  const keyedBy = rememberTwo((prk) => hmac.create(digest, prk));
  return (prk, block) => keyedBy(prk).clone().update(block).digest();
}

function createNativeExpand(hash: HashName): ExpandBlock {
  const keyedBy = rememberTwo((prk) =>
    crypto.subtle.importKey('raw', owned(prk), { name: 'HMAC', hash }, false, ['sign']),
  );
  return async (prk, block) =>
    new Uint8Array(await crypto.subtle.sign('HMAC', await keyedBy(prk), owned(block)));
}

/**
 * Keyed by the last two secrets: a message expands one of its ratchet, and one of its epoch that the next message expands
 * again. Secrets are zeroed in place, so what they were is compared as well.
 */
function rememberTwo<Keyed>(key: (prk: Uint8Array) => Keyed): (prk: Uint8Array) => Keyed {
  type Known = { readonly prk: Uint8Array; readonly copy: Uint8Array; readonly keyed: Keyed };
  let [last, other]: (Known | undefined)[] = [];
  const fits = (known: Known | undefined, prk: Uint8Array): known is Known =>
    known?.prk === prk && equalBytes(known.copy, prk);
  return (prk) => {
    if (fits(last, prk)) return last.keyed;
    const found = fits(other, prk) ? other : { prk, copy: prk.slice(), keyed: key(prk) };
    if (found !== other) other?.copy.fill(0);
    [last, other] = [found, last];
    return found.keyed;
  };
}

async function nativeMac(hash: HashName, key: Uint8Array, data: Uint8Array): Promise<Uint8Array> {
  const imported = await crypto.subtle.importKey('raw', owned(key), { name: 'HMAC', hash }, false, ['sign']);
  return new Uint8Array(await crypto.subtle.sign('HMAC', imported, owned(data)));
}
