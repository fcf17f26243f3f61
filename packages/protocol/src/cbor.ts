import { decode, encode } from 'cborg';

/** Media type of every request and answer that may carry bytes. */
export const CBOR_TYPE = 'application/cbor';

/** Deterministic CBOR (RFC 8949 §4.2.1) of plain objects, arrays, texts, numbers, booleans, null and byte strings. */
export function encodeCbor(value: unknown): Uint8Array {
  return encode(stripUndefined(value));
}

/**
 * Strict: undefined for anything that is not one complete, canonical item, holds tags, duplicate keys, keys that are
 * not text, or is longer than `limit` bytes (checked before decoding). The bytes are the other side's.
 */
export function decodeCbor(bytes: Uint8Array, limit: number): unknown {
  if (bytes.length > limit) return undefined;
  try {
    return decode(bytes, {
      strict: true,
      rejectDuplicateMapKeys: true,
      allowIndefinite: false,
      allowUndefined: false,
      allowInfinity: false,
      allowNaN: false,
      allowBigInt: false,
    });
  } catch {
    return undefined;
  }
}

/** cborg refuses nothing about undefined members, the decoder does: a missing member is simply not written. */
function stripUndefined(value: unknown): unknown {
  if (value instanceof Uint8Array || value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(stripUndefined);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([name, member]) => [name, stripUndefined(member)]),
  );
}
