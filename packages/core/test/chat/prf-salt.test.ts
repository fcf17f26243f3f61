import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { PRF_SALT } from '../../src/chat/account-verbs.ts';

describe('the PRF salt', () => {
  it('[ACC27] is SHA-256 of its name, for page and authenticator alike', () => {
    const hash = createHash('sha256').update('sotto vault prf v1').digest('base64url');
    expect(PRF_SALT).toBe(hash);
  });
});
