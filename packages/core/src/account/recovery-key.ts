import { sha256 } from '@noble/hashes/sha2.js';
import type { Random } from '../chat/clock.ts';
import { deriveKey } from './vault-box.ts';

/** 160 bits: nobody guesses one, and 32 characters can be typed. */
const SECRET = 20;
const SECRET_CHARS = 32;
const CHECK_CHARS = 4;
const GROUP = 4;
/** Crockford's base32: no I, L, O or U. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

export function makeRecoverySecret(random: Random): Uint8Array<ArrayBuffer> {
  return random(SECRET);
}

/** As it is printed: nine groups of four, the last of them the check characters. */
export function printRecoveryKey(secret: Uint8Array): string {
  const text = encodeBase32(secret) + checkOf(secret);
  return text.match(new RegExp(`.{${GROUP}}`, 'g'))?.join('-') ?? '';
}

/**
 * The secret of a key that a person typed: case, spaces and dashes do not matter, nor o for 0, i or l for 1. Undefined when
 * it is no key: a mistake in typing is found here (but for one in a million), before a relay counts a wrong try.
 */
export function readRecoveryKey(typed: string): Uint8Array<ArrayBuffer> | undefined {
  if (typed.length > 256) return undefined;
  const text = typed
    .replace(/[\s\u002d\u2010-\u2015]/g, '')
    .toUpperCase()
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1');
  if (text.length !== SECRET_CHARS + CHECK_CHARS) return undefined;
  const secret = decodeBase32(text.slice(0, SECRET_CHARS));
  return secret !== undefined && checkOf(secret) === text.slice(SECRET_CHARS) ? secret : undefined;
}

/** What proves at the relay that somebody has the key. It opens nothing: the wrap's key has another label. */
export function proveRecoveryKey(secret: Uint8Array): Uint8Array<ArrayBuffer> {
  return deriveKey(secret, 'sotto recovery key proof v1');
}

/** What the relay keeps of the proof. */
export function recoveryHashOf(proof: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(sha256(proof));
}

/** 20 bits of SHA-256: one of a million mistakes goes unnoticed here, and is a wrong key then. */
function checkOf(secret: Uint8Array): string {
  const label = new TextEncoder().encode('sotto recovery key check v1');
  const hash = sha256(Uint8Array.of(...label, 0, ...secret));
  return encodeBase32(hash.slice(0, 5)).slice(0, CHECK_CHARS);
}

/** Five bytes, eight characters. */
function encodeBase32(bytes: Uint8Array): string {
  let text = '';
  let [bits, held] = [0, 0];
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET[(held >> bits) & 31] ?? '';
      held &= (1 << bits) - 1;
    }
  }
  return text;
}

/** Whole groups of eight characters alone, so that no bits are left over. */
function decodeBase32(text: string): Uint8Array<ArrayBuffer> | undefined {
  const bytes = new Uint8Array((text.length * 5) / 8);
  let [bits, held, at] = [0, 0, 0];
  for (const char of text) {
    const value = ALPHABET.indexOf(char);
    if (value < 0) return undefined;
    held = (held << 5) | value;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at] = held >> bits;
    at += 1;
    held &= (1 << bits) - 1;
  }
  return bytes;
}
