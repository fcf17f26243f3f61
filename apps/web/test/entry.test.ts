import type { ResetStep } from '@sotto/core/page';
import { describe, expect, it } from 'vitest';
import { isShared } from '../src/chat/shared.ts';
import { createThemeChoice } from '../src/chat/theme.ts';
import { digitsOf, isWholeCode } from '../src/components/code-field.tsx';
import { waysOf } from '../src/components/factor-step.tsx';
import { isWholeKey, keyLength } from '../src/components/recovery-key-field.tsx';
import { barsOf, verdictText } from '../src/components/strength-meter.tsx';
import { restoreOf } from '../src/features/recover/identity-step.tsx';
import { afterProof } from '../src/features/recover/steps.ts';
import { firstMissing, NOTHING_TYPED } from '../src/features/sign-in/typed.ts';

describe('a new password', () => {
  const reasons = ['too_short', 'too_common', 'too_guessable', 'like_the_name'] as const;

  it('[WEB28] says in words why it is weak, each reason in its own', () => {
    const texts = reasons.map((reason) => verdictText({ score: 4, enough: false, reason }));
    expect(new Set(texts).size).toBe(reasons.length);
    expect(verdictText({ score: 2, enough: false, reason: undefined })).toBe(texts[2]);
  });

  it('[WEB28] looks strong only when it is taken: the bars follow the verdict, not the score', () => {
    expect([0, 2, 4].map((score) => barsOf({ score, enough: false, reason: 'too_common' }))).toEqual([
      1, 2, 2,
    ]);
    expect([1, 3, 4].map((score) => barsOf({ score, enough: true, reason: undefined }))).toEqual([3, 3, 4]);
  });
});

describe('what is typed', () => {
  it('[WEB32] a code is its digits, however it was pasted', () => {
    expect(digitsOf(' 123 456-78\n')).toBe('12345678');
    expect(digitsOf('1234567890')).toBe('12345678');
    expect(['12345', '123456', '12345678'].map(isWholeCode)).toEqual([false, true, true]);
  });

  it('[WEB36] a recovery key counts without spaces and dashes', () => {
    const key = Array.from({ length: 9 }, () => '7w3k').join('-');
    expect([keyLength(key), isWholeKey(key), isWholeKey(key.slice(1))]).toEqual([36, true, false]);
    expect(isWholeKey(key.replaceAll('-', ' '))).toBe(true);
  });

  it('[WEB27] a new account wants name and password, and is asked for an address where there is mail', () => {
    const named = { ...NOTHING_TYPED, username: ' Alice ' };
    const whole = { ...named, password: 'correct horse battery' };
    expect([NOTHING_TYPED, named, whole].map((typed) => firstMissing(typed, true))).toEqual([
      'username',
      'password',
      'email',
    ]);
    expect(firstMissing(whole, false)).toBeUndefined();
    expect(firstMissing({ ...whole, email: 'a@b.example' }, true)).toBeUndefined();
  });
});

describe('several proofs', () => {
  it('[WEB32] the strongest comes first, and passkeys only where one can be shown', () => {
    expect(waysOf(['recovery_code', 'mail', 'totp', 'passkey'], true)).toEqual([
      'passkey',
      'totp',
      'mail',
      'recovery_code',
    ]);
    expect(waysOf(['passkey', 'mail'], false)).toEqual(['mail']);
  });
});

describe('an identity that comes back', () => {
  const choose = (known: boolean): ResetStep => ({ state: 'choose', ways: ['new_identity'], known });

  it('[WEB36] is not asked about when it is at hand', () => {
    expect(afterProof(choose(true))).toMatchObject({ at: 'password', restore: 'known' });
    expect(afterProof(choose(false))).toMatchObject({ at: 'identity', ways: ['new_identity'] });
    expect(afterProof({ state: 'second_factor', methods: ['totp'] })).toMatchObject({ at: 'factor' });
  });

  it('[WEB36] is given up only by who confirmed it, and tried only with a whole key', () => {
    expect(restoreOf('new_identity', '', false)).toBeUndefined();
    expect(restoreOf('new_identity', '', true)).toBe('new_identity');
    expect(restoreOf('recovery_key', '7w3k', true)).toBeUndefined();
    expect(restoreOf('recovery_key', 'x'.repeat(36), false)).toEqual({ key: 'x'.repeat(36) });
    expect(restoreOf(undefined, '', true)).toBeUndefined();
  });
});

describe('a shared computer', () => {
  it('[WEB31] keeps no theme', () => {
    const kept: string[] = [];
    const storage = { getItem: () => null, setItem: (_key: string, value: string) => void kept.push(value) };
    let shared = true;
    const root = { dataset: {} as DOMStringMap } as HTMLElement;
    const theme = createThemeChoice(root, storage, () => !shared);
    theme.choose('dark');
    expect([theme.read(), root.dataset.theme, kept]).toEqual(['dark', 'dark', []]);
    shared = false;
    theme.choose('light');
    expect(kept).toEqual(['light']);
  });

  it('[WEB31] is known from the session alone', () => {
    const session = {
      account: 'a',
      username: 'alice',
      device: 'd',
      ready: true,
      lockMinutes: undefined,
    } as const;
    expect(isShared({ session: { state: 'signed_out' } })).toBe(false);
    expect(isShared({ session: { ...session, state: 'signed_in', shared: true } })).toBe(true);
    expect(isShared({ session: { ...session, state: 'signed_in', shared: false } })).toBe(false);
  });
});
