import { decodeHex, LIMITS } from '@sotto/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openLabel, sealLabel } from '../../src/account/label.ts';
import { random } from './cast.ts';
import { readFrozenVault } from './frozen.ts';

const frozen = readFrozenVault();

describe('names of devices and passkeys', () => {
  it("[ACC7] are read by the account's own devices, from frozen bytes", async () => {
    const account = decodeHex(frozen.account)!;
    const of = { vaultKey: decodeHex(frozen.vaultKey)!, account, subject: account };
    expect(await openLabel(of, decodeHex(frozen.label)!)).toBe('Laptop at home');
  });

  it('[ACC7] name what they were given to and nothing else', async () => {
    const of = { vaultKey: random(32), account: random(16), subject: random(16) };
    const label = await sealLabel(of, 'Phone', random);
    expect(await openLabel(of, label)).toBe('Phone');
    for (const other of ['vaultKey', 'account', 'subject'] as const)
      expect(await openLabel({ ...of, [other]: random(of[other].length) }, label)).toBeUndefined();
    for (const bad of [label.slice(0, -1), label.slice(1), label.slice(0, 4), new Uint8Array()])
      expect(await openLabel(of, bad)).toBeUndefined();
  });

  it('[ACC7] fit their limit whatever they say, cut at a character, and show their length in steps of 32', async () => {
    const of = { vaultKey: random(32), account: random(16), subject: random(16) };
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 300 }), async (name) => {
        const label = await sealLabel(of, name, random);
        expect(label.length).toBeLessThanOrEqual(LIMITS.label);
        expect((label.length - 28) % 32).toBe(0);
        const plain = name.replaceAll('\u0000', '').trim().toWellFormed();
        const read = await openLabel(of, label);
        expect(plain.startsWith(read ?? '?')).toBe(true);
        if (new TextEncoder().encode(plain).length <= 128) expect(read).toBe(plain);
      }),
      { numRuns: 100 },
    );
  });
});
