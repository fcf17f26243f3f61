import { ChainError } from './reasons.ts';

/** Plain comparison: everything compared in this package is public (keys, hashes, labels), so time tells nothing. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** A reader over bytes that the relay chose. Throws `ChainError`; what it returns are copies, never views. */
export interface ByteReader {
  u8(): number;
  u64(): number;
  fixed(length: number): Uint8Array;
  vector(): Uint8Array;
  end(): void;
}

export function readBytes(bytes: Uint8Array): ByteReader {
  let at = 0;
  const fixed = (length: number): Uint8Array => {
    if (length > bytes.length - at) throw new ChainError('malformed', 'bytes end early');
    at += length;
    return new Uint8Array(bytes.subarray(at - length, at));
  };
  const u8 = (): number => fixed(1)[0] ?? 0;
  return {
    u8,
    fixed,
    u64: () => readU64(fixed(8)),
    vector: () => fixed(readLength(u8, fixed)),
    end: () => {
      if (at !== bytes.length) throw new ChainError('trailing_bytes', 'bytes after the end');
    },
  };
}

function readU64(bytes: Uint8Array): number {
  const value = new DataView(bytes.buffer).getBigUint64(0);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new ChainError('malformed', 'number above 2^53');
  return Number(value);
}

/** RFC 9420 §2.1.2. One value has one encoding here: a longer form than needed is refused, or bytes could be varied. */
function readLength(u8: () => number, fixed: (length: number) => Uint8Array): number {
  const first = u8();
  const prefix = first >> 6;
  if (prefix === 3) throw new ChainError('malformed', 'length prefix 0b11');
  let length = first & 0x3f;
  for (const byte of fixed((1 << prefix) - 1)) length = length * 256 + byte;
  if (prefix !== lengthPrefix(length)) throw new ChainError('malformed', 'length not minimal');
  return length;
}

function lengthPrefix(length: number): 0 | 1 | 2 {
  if (length < 1 << 6) return 0;
  return length < 1 << 14 ? 1 : 2;
}

/** u64, big endian. `value` is a safe, non-negative integer. */
export function encodeU64(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}

/** RFC 9420 §2.1.2 `<V>`: minimal length, then the bytes. */
export function encodeVector(content: Uint8Array): Uint8Array {
  const prefix = lengthPrefix(content.length);
  const head = new Uint8Array(1 << prefix);
  let rest = content.length;
  for (let i = head.length - 1; i >= 0; i--) {
    head[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  head[0] = (head[0] ?? 0) | (prefix << 6);
  return joinBytes(head, content);
}

/** Throws `malformed` when a fixed field has another length: a caller's mistake, never a relay's. */
export function exactBytes(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length !== length) throw new ChainError('malformed', `expected ${length} bytes`);
  return bytes;
}

export function joinBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
