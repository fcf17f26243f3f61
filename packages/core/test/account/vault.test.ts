import { describe, expect, it } from 'vitest';
import { openVault, sealVault } from '../../src/account/vault.ts';

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
const account = random(16);
const exportKey = random(64);
const identityPrivateKey = random(32);
const seal = () => sealVault({ account, identityPrivateKey, exportKey, random });

describe('the vault an account leaves at the relay', () => {
  it('[SYNC19] opens with the export key of its password alone', async () => {
    const vault = await seal();
    expect(await openVault(vault, account, exportKey)).toEqual(identityPrivateKey);
    expect(await openVault(vault, account, random(64))).toBeUndefined();
  });

  it('[SYNC19] serves no other account', async () => {
    expect(await openVault(await seal(), random(16), exportKey)).toBeUndefined();
  });

  it('[SYNC19] opens in no part and with no bit changed', async () => {
    const vault = await seal();
    for (let at = 0; at < vault.length; at++) {
      const flipped = vault.slice();
      flipped[at]! ^= 1;
      expect(await openVault(flipped, account, exportKey)).toBeUndefined();
    }
    expect(await openVault(vault.slice(0, -1), account, exportKey)).toBeUndefined();
    expect(await openVault(new Uint8Array(), account, exportKey)).toBeUndefined();
  });

  it('[SYNC19] holds neither key in the clear', async () => {
    const text = Buffer.from(await seal());
    expect(text.includes(Buffer.from(identityPrivateKey))).toBe(false);
    expect(text.includes(Buffer.from(exportKey))).toBe(false);
  });
});
