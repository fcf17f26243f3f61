import { ERRORS, type ErrorCode } from '@sotto/protocol';
import { describe, expect, it } from 'vitest';
import { errorOfRefusal } from '../../src/chat/refusals.ts';

/** What no person can do anything about: this build asked wrongly, or a conversation deals with it by itself. */
const OURS: readonly ErrorCode[] = [
  'bad_request',
  'too_large',
  'unsupported_media_type',
  'account_taken',
  'chain_invalid',
  'log_exists',
  'log_unknown',
  'token_refused',
  'epoch_moved',
  'id_conflict',
  'internal',
];

describe('refusals of the relay', () => {
  it('[ACC30] are each said to a person by a code of their own words, with the time to wait', () => {
    for (const code of Object.keys(ERRORS) as ErrorCode[]) {
      const error = errorOfRefusal({ ok: false, code, retryAfter: 7 });
      expect([code, error.code === 'internal']).toEqual([code, OURS.includes(code)]);
      expect(error).toMatchObject({ retryAfter: 7, cause: code });
    }
  });
});
