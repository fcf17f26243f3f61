import { decodeHex } from '@sotto/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  makeRecoverySecret,
  printRecoveryKey,
  proveRecoveryKey,
  readRecoveryKey,
  recoveryHashOf,
} from '../../src/account/recovery-key.ts';
import { random } from './cast.ts';
import { readFrozenVault } from './frozen.ts';

const frozen = readFrozenVault();

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** How a person may type a character of the key. */
function waysToType(char: string): readonly string[] {
  const spelled: Record<string, readonly string[]> = {
    '-': ['', ' ', '-', '–', '\n', '  '],
    '0': ['0', 'o', 'O'],
    '1': ['1', 'i', 'I', 'l', 'L'],
  };
  return spelled[char] ?? [char, char.toLowerCase()];
}
const pick = (ways: readonly string[], choice: number) => ways[choice % ways.length];
const secrets = fc.uint8Array({ minLength: 20, maxLength: 20 });

describe('the recovery key', () => {
  it('[ACC5] is 160 bits as nine groups of four, check characters last, in frozen text', () => {
    const secret = decodeHex(frozen.recoverySecret)!;
    expect(printRecoveryKey(secret)).toBe(frozen.recoveryKey);
    expect(makeRecoverySecret(random)).toHaveLength(20);
    fc.assert(
      fc.property(secrets, (any) => {
        const key = printRecoveryKey(any);
        expect(key).toMatch(/^(?:[0-9A-HJKMNP-TV-Z]{4}-){8}[0-9A-HJKMNP-TV-Z]{4}$/);
        expect(readRecoveryKey(key)).toEqual(any);
      }),
    );
  });

  it('[ACC5] is read however it was typed: case, spaces, dashes, o for 0, i and l for 1', () => {
    fc.assert(
      fc.property(secrets, fc.infiniteStream(fc.nat(29)), (any, choices) => {
        const how = choices[Symbol.iterator]();
        const next = () => how.next().value as number;
        const typed = [...printRecoveryKey(any)].map((char) => pick(waysToType(char), next())).join('');
        expect(readRecoveryKey(typed)).toEqual(any);
      }),
    );
  });

  it('[ACC5] with one character mistyped, two exchanged, one too many or too few is told from a key', () => {
    const alphabet = fc.constantFrom(...ALPHABET);
    let [mistakes, unnoticed] = [0, 0];
    const count = (typed: string, key: string) => {
      if (typed === key) return;
      mistakes += 1;
      if (readRecoveryKey(typed) !== undefined) unnoticed += 1;
    };
    fc.assert(
      fc.property(secrets, fc.nat(35), alphabet, (any, at, char) => {
        const key = printRecoveryKey(any).replaceAll('-', '');
        count(key.slice(0, at) + char + key.slice(at + 1), key);
        count(key.slice(0, at) + key.slice(at + 1, at + 2) + key.slice(at, at + 1) + key.slice(at + 2), key);
        count(key.slice(0, at) + key.slice(at + 1), key);
        count(key + char, key);
      }),
      { numRuns: 500 },
    );
    expect(mistakes).toBeGreaterThan(1500);
    expect(unnoticed).toBe(0);
    for (const nothing of ['', 'U'.repeat(36), '💥'.repeat(36), 'A'.repeat(1_000_000)])
      expect(readRecoveryKey(nothing)).toBeUndefined();
  });

  it('[ACC6] proves itself by other bytes than it opens with, and the relay keeps a hash of those', () => {
    const secret = decodeHex(frozen.recoverySecret)!;
    const proof = proveRecoveryKey(secret);
    expect(proof).toEqual(decodeHex(frozen.recoveryProof));
    expect(recoveryHashOf(proof)).toEqual(decodeHex(frozen.recoveryHash));
    expect(proveRecoveryKey(random(20))).not.toEqual(proof);
  });
});
