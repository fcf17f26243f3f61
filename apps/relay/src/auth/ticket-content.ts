import { accountId, bytes, counter, deviceId, email, username } from '@sotto/protocol';
import { z } from 'zod';

/**
 * What a ticket says, by the purpose it was made for. The relay alone writes and reads it; it is parsed all the same, so that
 * an older relay's ticket of another shape is no ticket.
 */
export const TICKETS = {
  /** A code went to this address. */
  register_email: z.strictObject({ email }),
  /** The address is the caller's. */
  email_proof: z.strictObject({ email }),
  register: z.strictObject({
    username,
    email: email.optional(),
    /** SHA-256 of the invitation. */
    invite: bytes(32).optional(),
  }),
  /** `state`: of OPAQUE, secret. */
  login: z.strictObject({ username, state: z.string() }),
  /** The password was right. `record`: see `fingerprintOf`; `challenge`: for a passkey. */
  second_factor: z.strictObject({
    username,
    account: accountId,
    record: bytes(16),
    device: deviceId,
    shared: z.boolean(),
    challenge: bytes(32),
  }),
  /** Of a name that may or may not exist: nothing in it differs. */
  forgot: z.strictObject({ username }),
  /** The mail code was right, the second factor is due. */
  reset_factor: z.strictObject({ username, account: accountId, record: bytes(16), challenge: bytes(32) }),
  /** All was proved: a new password may be set. `proofs`: version of what the account is proved by. */
  reset: z.strictObject({ username, account: accountId, record: bytes(16), proofs: counter }),
  /** The password is entered again by who is signed in. */
  confirm: z.strictObject({ username, session: bytes(16), state: z.string() }),
  confirmation: z.strictObject({ account: accountId, session: bytes(16), record: bytes(16) }),
  change_password: z.strictObject({ account: accountId, session: bytes(16), record: bytes(16) }),
  set_email: z.strictObject({ account: accountId, session: bytes(16), email }),
  totp: z.strictObject({ account: accountId, session: bytes(16), secret: bytes(20) }),
  passkey: z.strictObject({ account: accountId, session: bytes(16), challenge: bytes(32) }),
} as const satisfies Record<string, z.ZodType>;

export type TicketKind = keyof typeof TICKETS;
export type TicketContent<K extends TicketKind> = z.infer<(typeof TICKETS)[K]>;
