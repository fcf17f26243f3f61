import type { Refusal } from '@sotto/protocol';
import type { Unreachable } from '../link/relay-link.ts';
import { StoreError } from '../store/record-store.ts';
import { ChatError, type ChatErrorCode } from './chat.ts';

/** What the relay's codes mean to a person. `internal`: this build asked what it should not have. */
const CODES: Record<Refusal['code'] | Unreachable['code'], ChatErrorCode> = {
  offline: 'offline',
  malformed_answer: 'offline',
  unavailable: 'offline',
  wrong_credentials: 'wrong_credentials',
  ticket_invalid: 'attempt_over',
  code_wrong: 'code_wrong',
  confirmation_invalid: 'attempt_over',
  work_invalid: 'attempt_over',
  vault_conflict: 'attempt_over',
  chain_conflict: 'attempt_over',
  invite_invalid: 'invite_invalid',
  registration_closed: 'registration_closed',
  email_required: 'email_required',
  mail_off: 'mail_off',
  account_disabled: 'account_disabled',
  username_taken: 'username_taken',
  username_invalid: 'username_invalid',
  rate_limited: 'rate_limited',
  quota_exceeded: 'rate_limited',
  session_ended: 'session_ended',
  unauthorized: 'session_ended',
  // A device that was removed tries to sign in again.
  forbidden: 'session_ended',
  not_found: 'not_found',
  device_unknown: 'not_found',
  storage_full: 'relay_storage_full',
  inbox_full: 'peer_unavailable',
  version_unsupported: 'version_unsupported',
  bad_request: 'internal',
  too_large: 'internal',
  unsupported_media_type: 'internal',
  account_taken: 'internal',
  chain_invalid: 'internal',
  log_exists: 'internal',
  log_unknown: 'internal',
  token_refused: 'internal',
  epoch_moved: 'internal',
  id_conflict: 'internal',
  internal: 'internal',
};

/** A negative answer as the error that a verb rejects with. */
export function errorOfRefusal(answer: Refusal | Unreachable): ChatError {
  const retryAfter = 'retryAfter' in answer ? answer.retryAfter : undefined;
  return new ChatError(CODES[answer.code], { retryAfter, cause: answer.code });
}

/** Whatever a verb's work threw, as a ChatError: verbs reject with nothing else. */
export function errorOfThrown(thrown: unknown): ChatError {
  if (thrown instanceof ChatError) return thrown;
  if (thrown instanceof StoreError && thrown.code === 'quota')
    return new ChatError('storage_full', { cause: thrown });
  return new ChatError('internal', { cause: thrown });
}
