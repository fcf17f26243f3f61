import type { MLSMessage } from 'ts-mls';
import type { Decoder } from 'ts-mls/codec/tlsDecoder.js';
import { type BufferEncoder, encode } from 'ts-mls/codec/tlsEncoder.js';
import { decodeMlsMessage, mlsMessageEncoder } from 'ts-mls/message.js';
import { equalBytes } from './bytes.ts';

/**
 * Decodes bytes that an attacker chose. Undefined unless they are at most `cap` long, decode to the last byte, and encode
 * again to the same bytes: RFC 9420 §2.1.2 wants minimal length prefixes, which ts-mls does not check, and two clients
 * that disagree on what was signed are forked.
 */
export function decodeExactly<T>(
  bytes: Uint8Array,
  cap: number,
  decoder: Decoder<T>,
  encoder: BufferEncoder<T>,
): T | undefined {
  if (bytes.length === 0 || bytes.length > cap) return undefined;
  const own = new Uint8Array(bytes); // what is decoded are views, and they outlive the caller's buffer
  try {
    const decoded = decoder(own, 0);
    if (decoded === undefined || decoded[1] !== own.length) return undefined;
    return equalBytes(encode(encoder)(decoded[0]), own) ? decoded[0] : undefined;
  } catch {
    return undefined; // ts-mls throws on truncation, and a hostile nesting may exhaust the stack: both are malformed
  }
}

export function decodeMessage(bytes: Uint8Array, cap: number): MLSMessage | undefined {
  return decodeExactly(bytes, cap, decodeMlsMessage, mlsMessageEncoder);
}

/** Sizes tell a story: contents are padded with zeros (RFC 9420 §6.3.1) up to 256, 512, … 32 KiB, then to whole 4 KiB. */
export function paddedLength(length: number): number {
  if (length > 32_768) return Math.ceil(length / 4096) * 4096;
  let bucket = 256;
  while (bucket < length) bucket *= 2;
  return bucket;
}
