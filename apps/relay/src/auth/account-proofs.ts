import { type AccountId, bytes, counter, email, LIMITS, time } from '@sotto/protocol';
import { z } from 'zod';
import type { AccountRecordStore } from '../store/account-record-store.ts';
import { changeRecord, encodeRecord, type RecordForm, readRecord } from './account-record.ts';

const passkey = z.strictObject({
  id: bytes(1, LIMITS.credentialId),
  /** COSE key. */
  publicKey: bytes(1, 4096),
  /** Signatures so far, as the authenticator says: zero for those that do not count. */
  counter,
  /** Sealed by the client. */
  label: bytes(1, LIMITS.label).optional(),
  addedAt: time,
  transports: z.array(z.string().max(32)).max(8).optional(),
});
export type Passkey = z.infer<typeof passkey>;

const proofs = z.strictObject({
  /** Proved by a code. */
  email: email.optional(),
  /** Codes by mail as a second factor. */
  mailFactor: z.boolean(),
  /** `secret`: sealed under a key of the relay. `lastStep`: the last one that served (RFC 6238 §5.2). */
  totp: z.strictObject({ secret: bytes(1, 256), lastStep: counter }).optional(),
  /** HMACs of those that are left. */
  recoveryCodes: z.array(bytes(32)).max(LIMITS.recoveryCodes),
  passkeys: z.array(passkey).max(LIMITS.passkeys),
  /** By whoever runs the relay. */
  disabled: z.boolean(),
});
/** How the owner of an account proves to be it, beside the password. */
export type Proofs = z.infer<typeof proofs>;

const NONE: Proofs = { mailFactor: false, recoveryCodes: [], passkeys: [], disabled: false };
const FORM: RecordForm<Proofs> = { kind: 'proofs', shape: proofs, empty: encodeRecord(proofs, NONE) };

/** The first record of an account. */
export function encodeProofs(first: Partial<Proofs>): Uint8Array {
  return encodeRecord(proofs, { ...NONE, ...first });
}

export async function readProofs(
  records: AccountRecordStore,
  account: AccountId,
): Promise<{ readonly proofs: Proofs; readonly version: number }> {
  const { value, version } = await readRecord(records, account, FORM);
  return { proofs: value, version };
}

/** Answers what was written. `change` declines with undefined, and may be called again when another writer was first. */
export function changeProofs<R extends Proofs | undefined>(
  records: AccountRecordStore,
  account: AccountId,
  change: (proofs: Proofs) => R,
): Promise<R> {
  return changeRecord(records, account, FORM, change);
}
