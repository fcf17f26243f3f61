import { encodeBase64Url, LIMITS } from '@sotto/protocol';
import { PRF_SALT } from '../chat/account-verbs.ts';
import { ChatError } from '../chat/chat.ts';
import type { Random } from '../chat/clock.ts';
import type { Wrap } from './vault-wraps.ts';

const PRF = { prf: { eval: { first: PRF_SALT } } };

/** The relay's WebAuthn options (JSON) with the PRF extension asked for. Throws `passkey_refused` when they are none. */
export function withPrf(options: string): string {
  const parsed = parseObject(options);
  const extensions = typeof parsed.extensions === 'object' ? parsed.extensions : {};
  return JSON.stringify({ ...parsed, extensions: { ...extensions, ...PRF } });
}

/**
 * Request options for a passkey that opens the vault; undefined when none does. Nobody verifies the answer's signature: what
 * counts is the PRF output, so the challenge is this device's own.
 */
export function unlockOptions(wraps: readonly Wrap[], random: Random): string | undefined {
  const allowCredentials = wraps
    .filter(({ kind }) => kind === 'passkey')
    .map(({ id }) => ({ type: 'public-key', id: encodeBase64Url(id) }));
  if (allowCredentials.length === 0) return undefined;
  const challenge = encodeBase64Url(random(32));
  return JSON.stringify({ challenge, allowCredentials, userVerification: 'required', extensions: PRF });
}

/** The credential id in what `navigator.credentials` gave (JSON). Throws `passkey_refused`. */
export function credentialIn(response: string): string {
  const { id } = parseObject(response);
  if (typeof id !== 'string') throw new ChatError('passkey_refused');
  return id;
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const parsed: unknown = text.length <= LIMITS.webAuthn ? JSON.parse(text) : undefined;
    if (typeof parsed === 'object' && parsed !== null) return parsed as Record<string, unknown>;
  } catch {
    // No JSON: refused below.
  }
  throw new ChatError('passkey_refused');
}
