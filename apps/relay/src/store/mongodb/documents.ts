import { createHash } from 'node:crypto';
import type { EntryKind } from '@sotto/protocol';

/**
 * What lies in the database. Entries, statements, refresh hashes and claims are only ever inserted: the unique key that the
 * insert goes under is the compare-and-set. Updates take something away (a body, an intent) and may run twice.
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

/** Collection `accounts`: with the first statement of the chain, so that both come to be in one write. */
export interface AccountDocument {
  _id: string;
  account: Uint8Array;
  opaqueRecord: Uint8Array;
  vault: Uint8Array;
  statement: Uint8Array;
  state: Uint8Array;
}

/** Collection `chain_statements`: unique by (account, seq), from seq 1. */
export interface StatementDocument {
  account: Uint8Array;
  seq: number;
  statement: Uint8Array;
  state: Uint8Array;
  /** Devices that this statement revokes, until their sessions and KeyPackages are gone. */
  pending?: Uint8Array[];
}

/** Collection `sessions`: unique by (account, device, turn). Of one device the newest turn stays. */
export interface SessionDocument {
  _id: Uint8Array;
  account: Uint8Array;
  device: Uint8Array;
  turn: number;
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
