import { type AccountId, equalBytes, LIMITS } from '@sotto/protocol';
import type { Random } from '../clock.ts';
import type { RelayKeys } from './relay-keys.ts';

/** Crockford's base32, in lower case: five bits a character. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const HALF = 5;

/** Ten codes of 50 bits for the owner to see once, and what is kept of them. */
export function makeRecoveryCodes(
  keys: RelayKeys,
  account: AccountId,
  random: Random,
): { readonly shown: string[]; readonly kept: Uint8Array[] } {
  const shown = Array.from({ length: LIMITS.recoveryCodes }, () => {
    const characters = [...random(2 * HALF)].map((byte) => ALPHABET[byte % ALPHABET.length]);
    return `${characters.slice(0, HALF).join('')}-${characters.slice(HALF).join('')}`;
  });
  return { shown, kept: shown.map((code) => hashOf(keys, account, code)) };
}

/** The codes without the one that was shown; undefined when it is none of them. The code is the caller's. */
export function withoutCode(
  kept: readonly Uint8Array[],
  keys: RelayKeys,
  account: AccountId,
  code: string,
): Uint8Array[] | undefined {
  const hash = hashOf(keys, account, code);
  // HMACs under a key nobody outside has: where the comparison stops tells nothing about a code.
  const left = kept.filter((other) => !equalBytes(other, hash));
  return left.length < kept.length ? left : undefined;
}

function hashOf(keys: RelayKeys, account: AccountId, code: string): Uint8Array {
  return keys.mac('recovery code', account, new TextEncoder().encode(code));
}
