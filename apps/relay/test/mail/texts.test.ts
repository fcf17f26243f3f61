import { expect, it } from 'vitest';
import { codeMail, noticeMail } from '../../src/mail/texts.ts';

const origin = 'https://chat.example';
const CODES = (['register', 'sign_in', 'reset', 'email'] as const).map((purpose) =>
  codeMail({ purpose, username: 'alice', code: '12345678', minutes: 5, origin }),
);
const NOTICES = (
  ['new_device', 'password_changed', 'reset', 'email_changed', 'factors_changed', 'deleted'] as const
).map((what) => noticeMail({ what, username: 'alice', time: Date.UTC(2026, 0, 2, 3, 4), origin }));

it('[MAIL6] a code stands on a line of its own, and not in the subject', () => {
  for (const { subject, text } of CODES) {
    expect(text.split('\n')).toContain('    12345678');
    expect(text).toContain('for 5 minutes');
    expect(subject).not.toContain('12345678');
  }
});

it('[MAIL6] every text says what to do if it was not you, has no link but the origin, and is plain and short', () => {
  for (const { subject, text } of [...CODES, ...NOTICES]) {
    expect(text).toMatch(/If it was not you/);
    for (const link of text.match(/\S*:\/\/\S*/g) ?? []) expect(link).toBe(origin);
    expect(`${subject}\n${text}`).toMatch(/^[\x20-\x7e\n]+$/);
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
    expect(text.length).toBeLessThan(600);
  }
});

it('[MAIL6] each notice says what happened, to whom and when', () => {
  for (const { text } of NOTICES) {
    expect(text).toContain('alice');
    expect(text).toContain('2026-01-02 03:04 UTC');
  }
  expect(new Set(NOTICES.map(({ subject }) => subject)).size).toBe(NOTICES.length);
});

it('[MAIL6] a code for nobody yet names nobody', () => {
  const { text } = codeMail({
    purpose: 'register',
    username: undefined,
    code: '12345678',
    minutes: 1,
    origin,
  });
  expect(text).not.toContain('undefined');
  expect(text).toContain('for one minute');
});
