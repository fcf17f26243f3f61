import { createHash } from 'node:crypto';
import type { EntryKind } from '@sotto/protocol';
import type { AccountRecordKind } from '../account-record-store.ts';

/**
 * What lies in the database. Entries, steps of accounts, refresh hashes, records, attempts and claims are only ever inserted:
 * the unique key that the insert goes under is the compare-and-set. Updates take something away (a body, an intent) and may run
 * twice. Counters alone are changed in place: a lost race there miscounts a limit by a little.
 */

/** Collection `log_entries`: unique by (log, seq) and by (log, id). `seq` 0 is the creation of the log, with an empty id. */
export interface EntryDocument {
  log: Uint8Array;
  seq: number;
  id: Uint8Array;
  epoch: number;
  kind: EntryKind | 'create';
  /** Milliseconds since 1970. */
  time: number;
  /** Of all that a retry must repeat: outlives the body. */
  digest: Uint8Array;
  /** Missing once it expired. */
  body?: Uint8Array;
  /** When the body goes; missing once it went. */
  expiresAt?: Date;
  /** When a `spent` entry goes altogether. */
  keepUntil?: Date;
  /** Nobody needs this position any more: not the log's newest, not a commit, body gone. */
  spent?: true;
  /** Epoch that a creation or a commit opens, under this token hash. */
  opens?: number;
  tokenHash?: Uint8Array;
  /** Days that entries of this log are kept: with its creation. */
  days?: number;
  /** Welcomes of a commit, until they stand in their inboxes. */
  pending?: PendingItem[];
}

export interface PendingItem {
  /** 16 random bytes: the same item is never put down twice, and what lies in an inbox names no log. */
  item: Uint8Array;
  inbox: Uint8Array;
  expiryDay: number;
  body: Uint8Array;
}

/** Collection `inbox_items`: unique by (inbox, seq). No time: the key is random, not an ObjectId. */
export interface InboxItemDocument {
  _id: Uint8Array;
  inbox: Uint8Array;
  seq: number;
  /** Both missing once the item was trimmed or expired: what is left holds the place. */
  expiryDay?: number;
  body?: Uint8Array;
  keepUntil: Date;
  spent?: true;
}

/** Collection `accounts`: with the first statement of the chain and all else it begins with, so that it comes to be in one write. */
export interface AccountDocument {
  _id: string;
  account: Uint8Array;
  /** Both missing once they were replaced, or the account is over. */
  opaqueRecord?: Uint8Array;
  vault?: Uint8Array;
  statement: Uint8Array;
  state: Uint8Array;
  /** Version 1 of this record, until there is a later one. */
  proofs?: Uint8Array;
  /** Which use of which invitation it took, unique; missing without one, and when the invitation is past its time. */
  invite?: Uint8Array;
  inviteUse?: number;
}

/**
 * Collection `chain_statements`: what happens to an account. A statement is unique by (account, seq) from seq 1, a change of
 * credentials by (account, version) from version 1; what is both is one document and stands under both keys. What is no
 * statement has a `seq` below nothing.
 */
export interface AccountStepDocument {
  account: Uint8Array;
  seq: number;
  statement?: Uint8Array;
  state?: Uint8Array;
  /** Missing without a change of credentials. */
  version?: number;
  /** Missing also when a later version is there. */
  opaqueRecord?: Uint8Array;
  vault?: Uint8Array;
  recoveryHash?: Uint8Array;
  /** All sessions end that older credentials opened, but this one; empty bytes for none. With `pending` alone. */
  endsAllBut?: Uint8Array;
  /** Devices whose sessions and KeyPackages go. There, even if empty, until all that the step brings is done. */
  pending?: Uint8Array[];
}

/** The version that nothing follows: the account is over. */
export const ACCOUNT_END = 0x7fff_ffff;

/** Collection `account_records`: unique by (account, kind, version). */
export interface AccountRecordDocument {
  account: Uint8Array;
  kind: AccountRecordKind;
  version: number;
  /** Missing when a later version is there: what is left holds the place. */
  bytes?: Uint8Array;
}

/** Collection `sessions`: unique by (account, device, turn). Of one device the newest turn stays. */
export interface SessionDocument {
  _id: Uint8Array;
  account: Uint8Array;
  device: Uint8Array;
  turn: number;
  /** Credentials that were proved for it. */
  version?: number;
}

/**
 * Collection `refreshes`: unique by (session, generation). What happens to a session is its next generation: a rotation, the
 * current pair seen in use, the end. Each says how the session stands after it.
 */
export interface RefreshDocument {
  /** SHA-256 of a refresh token, for what brings one (32 bytes); session and generation for the rest. */
  _id: Uint8Array;
  session: Uint8Array;
  generation: number;
  account: Uint8Array;
  device: Uint8Array;
  expiresAt: Date;
  /** Missing in sessions that are older than these fields: see `termsOf`. */
  openedAt?: Date;
  lifetime?: number;
  shared?: boolean;
  current: Uint8Array;
  /** The pair before, until the current one is seen. */
  previous?: Uint8Array;
  /** With a rotation: the hash that was shown for it. */
  shown?: Uint8Array;
}

/** The generation that nothing follows: the session is over. */
export const SESSION_END = 0x7fff_ffff;

/** Collection `key_packages`. */
export interface KeyPackageDocument {
  /** SHA-256 over device and KeyPackage. */
  _id: Uint8Array;
  device: Uint8Array;
  /** Order of upload. */
  place: number;
  body: Uint8Array;
}

/** Collection `claimed_key_packages`: whoever inserts here has it. */
export interface ClaimedDocument {
  _id: Uint8Array;
  device: Uint8Array;
}

/** Collection `last_resort_key_packages`. */
export interface LastResortDocument {
  _id: Uint8Array;
  body: Uint8Array;
}

/** Collection `codes`: unique by (code, generation). Of one code the newest generation counts. */
export interface CodeDocument {
  code: Uint8Array;
  generation: number;
  hash: Uint8Array;
  tries: number;
  expiresAt: Date;
}

/** Collections `code_tries` (by code, generation and number of the try) and `claims` (by what is claimed): inserted once. */
export interface MarkDocument {
  _id: Uint8Array;
  expiresAt: Date;
}

/** Collection `mail`: unique by (mail, attempt). Who inserts an attempt makes it. */
export interface MailDocument {
  mail: Uint8Array;
  attempt: number;
  sealed: Uint8Array;
  dueAt: Date;
  expiresAt: Date;
}

/** Collection `invites`. Its uses stand in the accounts that took them. */
export interface InviteDocument {
  /** SHA-256 of the invitation. */
  _id: Uint8Array;
  uses: number;
  createdAt: Date;
  expiresAt: Date;
}

/** Collection `counters`. */
export interface CounterDocument {
  _id: string;
  count: number;
  lastAt: Date;
  forgottenAt: Date;
}

export interface ProbeDocument {
  _id: string;
  at: number;
}

/** The one key of an account's device. */
export function deviceKey({ account, device }: { account: Uint8Array; device: Uint8Array }): Uint8Array {
  return Buffer.concat([account, device]);
}

export function keyPackageKey(device: Uint8Array, body: Uint8Array): Uint8Array {
  return createHash('sha256').update(device).update(body).digest();
}

/** Bytes of a document as every driver answers them. */
export function plainBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}
