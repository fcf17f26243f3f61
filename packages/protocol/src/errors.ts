/**
 * The error catalogue. The code is the contract: it stands in HTTP bodies, socket acks and client logic; texts may
 * change. `docs/errors.md` lists the same codes, tested both ways.
 */
export const ERRORS = {
  bad_request: { status: 400, text: 'the request does not have the expected shape' },
  too_large: { status: 413, text: 'the request is larger than its limit' },
  unsupported_media_type: { status: 415, text: 'this route expects application/cbor' },
  version_unsupported: { status: 400, text: 'client and relay speak different protocol versions' },
  not_found: { status: 404, text: 'there is nothing here' },
  unauthorized: { status: 401, text: 'sign in first' },
  session_ended: { status: 401, text: 'this session was ended; sign in again' },
  forbidden: { status: 403, text: 'this is not allowed for this account or device' },
  wrong_credentials: { status: 401, text: 'user name and password do not match' },
  ticket_invalid: { status: 400, text: 'this sign-in attempt is used up or too old; start again' },
  code_wrong: { status: 401, text: 'this code is wrong, used up or too old' },
  confirmation_invalid: { status: 401, text: 'enter the password again for this' },
  work_invalid: { status: 400, text: 'the proof of work is missing, wrong, used or too old' },
  invite_invalid: { status: 403, text: 'this invitation is unknown, used up or too old' },
  registration_closed: { status: 403, text: 'this relay takes no new accounts' },
  email_required: { status: 400, text: 'an e-mail address that was proved is needed for this' },
  mail_off: { status: 409, text: 'this relay sends no mail' },
  account_disabled: { status: 403, text: 'this account was disabled by whoever runs the relay' },
  vault_conflict: { status: 409, text: 'the vault was changed meanwhile; read it again' },
  username_taken: { status: 409, text: 'this name is taken' },
  username_invalid: { status: 400, text: 'names have 3 to 32 characters: a-z 0-9 . _ -' },
  account_taken: { status: 409, text: 'this account id exists' },
  chain_invalid: { status: 400, text: 'the account chain statement does not verify' },
  chain_conflict: { status: 409, text: 'another statement came first; read the chain again' },
  rate_limited: { status: 429, text: 'too many requests; try again later' },
  quota_exceeded: { status: 429, text: 'a quota of this account is used up' },
  log_exists: { status: 409, text: 'this log exists' },
  log_unknown: { status: 404, text: 'there is no such log' },
  token_refused: { status: 403, text: 'the access token does not open this log at this epoch' },
  epoch_moved: { status: 409, text: 'the log is in another epoch' },
  id_conflict: { status: 409, text: 'this entry id was used with other bytes' },
  inbox_full: { status: 429, text: 'the inbox is full' },
  device_unknown: { status: 404, text: 'there is no such device in the chain of that account' },
  storage_full: { status: 507, text: 'the relay has no space left; nothing acknowledged is lost' },
  unavailable: { status: 503, text: 'the relay cannot serve this now; try again' },
  internal: { status: 500, text: 'the relay failed; nothing was half-written' },
} as const satisfies Record<string, { status: number; text: string }>;

export type ErrorCode = keyof typeof ERRORS;

/** A refusal as it travels: HTTP error bodies and negative acks. `retryAfter` in seconds. */
export interface Refusal {
  readonly ok: false;
  readonly code: ErrorCode;
  readonly retryAfter?: number | undefined;
  /** With `epoch_moved`: where the log stands. */
  readonly head?: { readonly epoch: number; readonly seq: number } | undefined;
}

/** Whether a text from the wire is a code of this catalogue. */
export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERRORS, text);
}
