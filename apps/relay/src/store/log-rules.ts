import { createHash, timingSafeEqual } from 'node:crypto';
import { type EntryKind, equalBytes, type LogHead } from '@sotto/protocol';
import type { AppendCommit, Appended, AppendMessage, AppendRefused } from './log-store.ts';

/**
 * The rules of a log, free of any storage: drivers bring what they hold and these say what follows. Drivers of one
 * process only; a database that decides by itself says the same in its own words, and the contract suite compares.
 */

/** What opens one epoch, and where it ended. */
export interface EpochState {
  readonly tokenHash: Uint8Array;
  /** `seq` of the commit that ended it; undefined while it is the current one. */
  readonly endedAt: number | undefined;
}

/** An entry whose id is known: with its body, or with the digest that outlives the body. */
export interface KnownEntry {
  readonly seq: number;
  readonly time: number;
  readonly epoch: number;
  readonly kind: EntryKind;
  readonly body: Uint8Array | undefined;
  /** Always there for a commit, and for a message whose body expired. */
  readonly digest: Uint8Array | undefined;
}

/** Whether the hash of a shown token is the one that opens an epoch. Takes the same time wherever they differ. */
export function opensEpoch(epoch: EpochState | undefined, shownHash: Uint8Array): epoch is EpochState {
  return epoch !== undefined && timingSafeEqual(epoch.tokenHash, shownHash);
}

/** As far as the holder of an epoch's token may know the log: its end, or the commit that ended the epoch. */
export function visibleHead(head: LogHead, epoch: number, state: EpochState): LogHead {
  return state.endedAt === undefined ? head : { epoch: epoch + 1, seq: state.endedAt };
}

/** What follows for a request whose id the log knows. */
export function judgeRetry(
  known: KnownEntry,
  request: AppendMessage | AppendCommit,
): Appended | AppendRefused {
  const same =
    known.epoch === request.epoch &&
    known.kind === ('nextTokenHash' in request ? 'commit' : 'message') &&
    (known.digest === undefined
      ? known.body !== undefined && equalBytes(known.body, request.body)
      : equalBytes(known.digest, digestRequest(request)));
  if (!same) return { ok: false, code: 'id_conflict' };
  return { ok: true, seq: known.seq, time: known.time, again: true, delivered: [] };
}

/** SHA-256 over all that a retry must repeat. Fields of changing length come after their length. */
export function digestRequest(request: AppendMessage | AppendCommit): Uint8Array {
  if (!('nextTokenHash' in request)) return digestMessage(request.body);
  const hash = createHash('sha256').update('sotto commit\0').update(sized(request.body));
  hash.update(request.nextTokenHash);
  for (const { account, device, expiryDay, body } of request.deliveries) {
    hash.update(account).update(device).update(String(expiryDay)).update(sized(body));
  }
  return hash.digest();
}

/** SHA-256 that stands for a message's body once that expired. */
export function digestMessage(body: Uint8Array): Uint8Array {
  return createHash('sha256').update('sotto message\0').update(body).digest();
}

function sized(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

const DAY = 24 * 3600 * 1000;

/** Entries of an earlier time have expired. */
export function expiryTime(now: number, entryDays: number): number {
  return now - entryDays * DAY;
}

/** Days since 1970 of a time in milliseconds. */
export function dayOf(now: number): number {
  return Math.floor(now / DAY);
}
