import { sha512 } from '@noble/hashes/sha2.js';
import { compareBytes } from '@sotto/protocol';

/** One side of a safety number: account id (16 bytes) and its current identity key (32 bytes). */
export interface SafetyParty {
  readonly account: Uint8Array;
  readonly identityKey: Uint8Array;
}

/** Signal's numeric fingerprint (libsignal `fingerprint.rs`): iterated SHA-512, 5200 rounds, 30 digits a side. */
const ROUNDS = 5200;
const VERSION = 0;
const QR_LABEL = 'sotto-safety-1\u0000';

/** 64 bytes that stand for one side: depends on its account id and identity key alone. About 10 ms of hashing. */
export function fingerprintOf({ account, identityKey }: SafetyParty): Uint8Array {
  let hash = sha512(concat(Uint8Array.of(0, VERSION), identityKey, account));
  for (let round = 1; round < ROUNDS; round++) hash = sha512(concat(hash, identityKey));
  return hash;
}

/**
 * 60 digits in twelve groups of five, the same on both sides. An attacker who wants a look-alike works through 5200
 * rounds a guess against about 100 bits.
 */
export function safetyDigits(a: Uint8Array, b: Uint8Array): string {
  const digits = [a, b].sort(compareBytes).map(thirtyDigits).join('');
  return digits.match(/\d{5}/g)?.join(' ') ?? '';
}

/** What the QR code holds: label, then half of each fingerprint (32 bytes) in byte order, so both sides show one code. */
export function safetyQr(a: Uint8Array, b: Uint8Array): Uint8Array {
  const halves = [a, b].map((hash) => hash.subarray(0, 32)).sort(compareBytes);
  return concat(new TextEncoder().encode(QR_LABEL), ...halves);
}

/** Six groups of five digits: five bytes, big-endian, modulo 100000 each. */
function thirtyDigits(hash: Uint8Array): string {
  let digits = '';
  for (let group = 0; group < 6; group++) {
    let value = 0;
    for (let i = 0; i < 5; i++) value = value * 256 + (hash[5 * group + i] ?? 0);
    digits += String(value % 100_000).padStart(5, '0');
  }
  return digits;
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
