import { ChatError, type ChatErrorCode } from '@sotto/core/page';
import { describe, expect, it } from 'vitest';
import { alarmActionText, alarmText } from '../src/chat/alarm-texts.ts';
import { FAILURE_TEXTS, failureText } from '../src/chat/failure-texts.ts';

// The record types make the compiler refuse a missing code; these hold the texts to their form.
const codes = Object.keys(FAILURE_TEXTS) as ChatErrorCode[];

describe('what a person is told when something fails', () => {
  it.each(codes)('[WEB1] %s says what happened, what is safe and what to do, in sentences', (code) => {
    const { happened, safe, todo } = failureText(new ChatError(code));
    for (const part of [happened, safe, todo]) expect(part).toMatch(/^[A-Z].{10,}\.$/);
    expect(new Set([happened, safe, todo]).size).toBe(3);
  });

  it('[WEB1] tells different failures apart', () => {
    expect(new Set(codes.map((code) => FAILURE_TEXTS[code].happened)).size).toBe(codes.length);
  });

  it('[WEB2] says how long to wait when the relay said so', () => {
    expect(failureText(new ChatError('rate_limited', { retryAfter: 12.2 })).todo).toContain('13 seconds');
    expect(failureText(new ChatError('rate_limited', { retryAfter: 0 })).todo).toContain('1 second,');
    expect(failureText(new ChatError('rate_limited', { retryAfter: 600 })).todo).toContain('10 minutes');
  });

  it('[WEB3] shows nothing of an error that is not one of ours', () => {
    expect(failureText(new Error('secret at 0x00'))).toEqual(FAILURE_TEXTS.internal);
    expect(failureText(undefined)).toEqual(FAILURE_TEXTS.internal);
  });
});

describe('alarms', () => {
  const kinds = [
    'identity_changed',
    'chain_forked',
    'chain_truncated',
    'transcript_mismatch',
    'history_missing',
    'entry_refused',
  ] as const;

  it.each(kinds)('[WEB4] %s is explained for another person and for the own account', (kind) => {
    for (const text of [alarmText(kind, 'bob'), alarmText(kind, undefined)]) {
      for (const part of [text.happened, text.safe, text.todo]) expect(part).toMatch(/^[A-Z].{10,}\.$/s);
      expect(text.title).not.toBe('');
    }
    expect(JSON.stringify(alarmText(kind, 'bob'))).toContain('bob');
    expect(JSON.stringify(alarmText(kind, undefined))).not.toContain('undefined');
  });

  it.each(kinds)('[WEB4] every action of %s has a name of its own', (kind) => {
    const names = (['accept_identity', 'start_over', 'dismiss'] as const).map((action) =>
      alarmActionText(kind, action),
    );
    expect(new Set(names).size).toBe(3);
  });

  it('[WEB4] to dismiss a new identity is named as what it is: not to trust it', () => {
    expect(alarmActionText('identity_changed', 'dismiss')).toBe('Do not trust it');
    expect(alarmActionText('history_missing', 'dismiss')).toBe('I understand');
  });
});
