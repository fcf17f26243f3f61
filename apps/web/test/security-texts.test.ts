import type { SecurityView } from '@sotto/core/page';
import { describe, expect, it } from 'vitest';
import { factorsText, verdictsOf } from '../src/features/security/security-texts.ts';

const BARE: SecurityView = {
  email: undefined,
  factors: [],
  recoveryCodesLeft: 0,
  passkeys: [],
  recoveryKey: false,
};
const passkey = (opensVault: boolean) => ({ id: 'a2V5', name: 'Laptop', addedAt: 0, opensVault });

const stolen = (change: Partial<SecurityView>) => verdictsOf({ ...BARE, ...change })[0];
const forgotten = (change: Partial<SecurityView>) => verdictsOf({ ...BARE, ...change })[1];
const codes = (change: Partial<SecurityView>) => verdictsOf({ ...BARE, ...change })[2];

describe('when somebody learns the password', () => {
  it('[WEB47] alone it opens everything', () => {
    expect(stolen({})).toMatchObject({ good: false, text: expect.stringContaining('can sign in as you') });
  });

  it('[WEB47] what only stands in for a second step is none', () => {
    expect(stolen({ factors: ['recovery_key', 'recovery_code'] })?.text).toContain('can sign in as you');
  });

  it('[WEB47] a mailbox is a weak second step, beside a strong one too', () => {
    expect(stolen({ factors: ['mail'] })).toMatchObject({
      good: false,
      text: expect.stringContaining('mail'),
    });
    expect(stolen({ factors: ['totp', 'mail'] })).toMatchObject({
      good: false,
      text: expect.stringContaining('weakest'),
    });
  });

  it.each([['totp'], ['passkey']] as const)('[WEB47] %s is a good one', (factor) => {
    expect(stolen({ factors: [factor] })?.good).toBe(true);
  });
});

describe('when the password is forgotten', () => {
  it('[WEB47] nobody can help where there is neither address nor key', () => {
    expect(forgotten({})).toMatchObject({
      good: false,
      text: expect.stringContaining('nobody can let you in again'),
    });
    // A passkey opens the vault, but proves nothing at a reset.
    expect(forgotten({ passkeys: [passkey(true)] })?.good).toBe(false);
  });

  it('[WEB47] an address alone brings the account back only through a device that is signed in', () => {
    const text = 'only a device where you are still signed in can bring your account back';
    expect(forgotten({ email: 'alice@example.org' })).toMatchObject({
      good: false,
      text: expect.stringContaining(text),
    });
    expect(forgotten({ email: 'alice@example.org', passkeys: [passkey(false)] })?.text).toContain(text);
  });

  it('[WEB47] a recovery key is enough, and so are an address and a passkey that opens the vault', () => {
    expect(forgotten({ recoveryKey: true })?.good).toBe(true);
    expect(forgotten({ email: 'alice@example.org', passkeys: [passkey(true)] })?.good).toBe(true);
  });
});

describe('recovery codes', () => {
  it('[WEB47] three or fewer are pointed out, where there is a second step', () => {
    expect(codes({ factors: ['totp'], recoveryCodesLeft: 4 })).toBeUndefined();
    expect(codes({ factors: ['totp'], recoveryCodesLeft: 3 })?.text).toMatch(/^3 recovery codes are left\./);
    expect(codes({ factors: ['totp'], recoveryCodesLeft: 1 })?.text).toMatch(/^One recovery code is left\./);
    expect(codes({ factors: ['totp'], recoveryCodesLeft: 0 })?.text).toMatch(/^No recovery codes are left\./);
    expect(codes({ factors: [], recoveryCodesLeft: 0 })).toBeUndefined();
  });

  it('says the second steps in a row’s few words', () => {
    expect(factorsText(BARE)).toBe('Off');
    const passkeys = [passkey(true), passkey(false)];
    expect(factorsText({ ...BARE, factors: ['totp', 'passkey', 'mail'], passkeys })).toBe(
      'App, 2 passkeys, Mail',
    );
  });
});
