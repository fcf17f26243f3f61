import { decodeBase64Url, type FactorProof, LIMITS } from '@sotto/protocol';
import type { ProofInput } from '../chat/account-verbs.ts';
import { ChatError } from '../chat/chat.ts';
import { credentialIn } from './passkey-options.ts';
import { proveRecoveryKey, readRecoveryKey } from './recovery-key.ts';
import type { WrapOpener } from './vault-wraps.ts';

/**
 * What a person typed as the relay takes it. Throws before anything is sent what cannot be right, so that it costs no try:
 * `code_wrong`, `recovery_key_wrong` (mistyped: a key that is merely another one is the relay's `code_wrong`), `passkey_refused`.
 */
export function proofOf(input: ProofInput): FactorProof {
  switch (input.method) {
    case 'mail':
    case 'totp':
      return { method: input.method, code: readCode(input.code) };
    case 'recovery_code':
      return { method: 'recovery_code', code: readRecoveryCode(input.code) };
    case 'passkey':
      if (input.response.length > LIMITS.webAuthn) throw new ChatError('passkey_refused');
      return { method: 'passkey', response: input.response };
    case 'recovery_key':
      return { method: 'recovery_key', proof: proveRecoveryKey(secretOf(input.key)) };
  }
}

/** How the same proof would open the vault; undefined when it is none of its ways. */
export function openerOf(input: ProofInput): WrapOpener | undefined {
  if (input.method === 'recovery_key') return { kind: 'recovery_key', secret: secretOf(input.key) };
  if (input.method !== 'passkey' || input.prf === undefined) return undefined;
  return passkeyOpener(credentialIn(input.response), input.prf);
}

/** @param credential base64url. Throws `passkey_refused`. */
export function passkeyOpener(credential: string, prf: Uint8Array): WrapOpener {
  const id = decodeBase64Url(credential);
  if (id === undefined || prf.length < 32) throw new ChatError('passkey_refused');
  return { kind: 'passkey', credential: id, prf };
}

/** Throws `recovery_key_wrong` for what is no recovery key. */
export function secretOf(typed: string): Uint8Array {
  const secret = readRecoveryKey(typed);
  if (secret === undefined) throw new ChatError('recovery_key_wrong', { cause: 'mistyped' });
  return secret;
}

/** Digits by mail or of an app, however they were grouped. Throws `code_wrong`. */
export function readCode(typed: string): string {
  const code = typed.replace(/[\s-]/g, '');
  if (!/^[0-9]{6,8}$/.test(code)) throw new ChatError('code_wrong');
  return code;
}

/** Crockford's base32 as for recovery keys, in lower case. */
function readRecoveryCode(typed: string): string {
  const code = typed.replace(/[\s-]/g, '').toLowerCase().replaceAll('o', '0').replace(/[il]/g, '1');
  if (!/^[0-9a-hjkmnp-tv-z]{10}$/.test(code)) throw new ChatError('code_wrong');
  return `${code.slice(0, 5)}-${code.slice(5)}`;
}
