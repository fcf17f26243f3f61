import { describe, expect, it } from 'vitest';
import { fingerprintOf, safetyDigits, safetyQr } from '../../src/contacts/safety-number.ts';

const party = (byte: number) => ({
  account: new Uint8Array(16).fill(byte),
  identityKey: new Uint8Array(32).fill(byte + 1),
});
const [alice, bob, carol] = [party(1), party(2), party(3)].map(fingerprintOf) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
];

describe('safety numbers', () => {
  it('[SYNC13] are the same from both sides, and differ for others', () => {
    expect(safetyDigits(alice, bob)).toBe(safetyDigits(bob, alice));
    expect(safetyDigits(alice, bob)).not.toBe(safetyDigits(alice, carol));
    expect(safetyQr(alice, bob)).toEqual(safetyQr(bob, alice));
    expect(safetyQr(alice, bob)).not.toEqual(safetyQr(alice, carol));
  });

  it('[SYNC13] change with the identity key and with the account', () => {
    const { account, identityKey } = party(2);
    const newKey = fingerprintOf({ account, identityKey: new Uint8Array(32).fill(9) });
    const newAccount = fingerprintOf({ account: new Uint8Array(16).fill(9), identityKey });
    expect(safetyDigits(alice, newKey)).not.toBe(safetyDigits(alice, bob));
    expect(safetyDigits(alice, newAccount)).not.toBe(safetyDigits(alice, bob));
  });

  it('[SYNC13] stay what they are from build to build', () => {
    expect(safetyDigits(alice, bob)).toMatchInlineSnapshot(
      `"75641 62900 73377 07247 50720 17231 82244 02983 92143 88083 10350 81796"`,
    );
  });
});
