import { ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import type { KeyPair } from '../src/keys.ts';
import { patch } from './people.ts';

// Keys and signatures on which Ed25519 verifiers disagree.

const { Fn, BASE, ZERO } = ed25519.Point;
const ORDER_8 = ed25519.Point.fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05');
const TWISTED_ZERO = patch(new Uint8Array(32).fill(0xff), 0, 0xee); // y = p + 1, sign bit set

export function unusableKeys(honest: Uint8Array) {
  return {
    'of small order': ZERO.toBytes(),
    'of mixed order': ed25519.Point.fromBytes(honest).add(ORDER_8).toBytes(),
    'not canonical': TWISTED_ZERO,
    'off the curve': patch(new Uint8Array(32), 0, 2),
  };
}

/** By the key's own holder, with a point of order 8 added to R: right with the cofactor, wrong without. */
export function signMixed(message: Uint8Array, keys: KeyPair): Uint8Array {
  const point = BASE.multiply(7919n).add(ORDER_8).toBytes();
  return Uint8Array.from([...point, ...responseTo(message, keys, point, 7919n)]);
}

/** By the key's own holder, R being zero, written as no RFC 8032 encoder writes it: right under ZIP 215 alone. */
export function signUncanonical(message: Uint8Array, keys: KeyPair): Uint8Array {
  const point = patch(TWISTED_ZERO, 31, 0x7f);
  return Uint8Array.from([...point, ...responseTo(message, keys, ZERO.toBytes(), 0n)]);
}

/** The same signature with S + L: equal modulo the group order, so verifiers that do not compare S with L take it. */
export function unreduce(signature: Uint8Array): Uint8Array {
  const s = littleEndian(signature.subarray(32)) + Fn.ORDER;
  return patch(signature, 32, ...Array.from({ length: 32 }, (_, i) => Number((s >> BigInt(8 * i)) & 255n)));
}

/** RFC 8032 §5.1.6, step 5, for an R of choice. */
function responseTo(message: Uint8Array, keys: KeyPair, point: Uint8Array, r: bigint): Uint8Array {
  const { scalar } = ed25519.utils.getExtendedPublicKey(keys.privateKey);
  const k = littleEndian(sha512(Uint8Array.from([...point, ...keys.publicKey, ...message])));
  return Fn.toBytes(Fn.create(r + k * scalar));
}

function littleEndian(bytes: Uint8Array): bigint {
  return [...bytes].reduceRight((sum, byte) => (sum << 8n) + BigInt(byte), 0n);
}
