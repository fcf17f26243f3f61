import type { AccountId, DeviceId, EntryId, EntryKind, LogHead, LogId, TokenHash } from '@sotto/protocol';

/**
 * The logs of the relay. The port is made so that every operation is one atomic step on one document: in a document
 * database an entry is inserted under the key (log, seq), which is the compare-and-set on the head; a commit's entry carries
 * the next token hash and its deliveries inside itself, and inboxes are filled from it.
 *
 * All requests come from clients: ids, tokens, epochs and bodies are an attacker's to choose; sizes were capped before.
 * No method throws for what a request says. Broken storage is a value too: `storage_full` (nothing was written, try later)
 * or `unavailable` (it may or may not have been written, and the same request can be sent again).
 */
export interface LogStore {
  createLog(request: CreateLog): Promise<Done | Refused<'log_exists'>>;
  /**
   * Resolves when the entry is durable. Looked at in this order: log, token of the epoch it claims, id, epoch. An id that
   * the log knows answers where that entry stands (`again`) when all bytes are the same, and `id_conflict` otherwise.
   */
  appendMessage(request: AppendMessage): Promise<Appended | AppendRefused>;
  /** The commit, the token hash of the epoch it opens and its deliveries: all together or nothing, crash included. */
  appendCommit(request: AppendCommit): Promise<Appended | AppendRefused | Refused<'inbox_full'>>;
  /**
   * Entries after `after`, in order, up to and including the commit that ends `epoch`. Gapless, except that a start that
   * expired is missing: then the first entry stands further on than `after + 1`. `head` is as far as this token reads.
   */
  readEntries(request: ReadEntries): Promise<EntriesRead | Refused<'log_unknown' | 'token_refused'>>;
  /** Removes the bodies of entries that are past their log's days. Answers how many. `seq` goes on as before. */
  expireEntries(now: number): Promise<number>;
  /** Finishes what was asked, then lets go of the storage. */
  close(): Promise<void>;
}

export interface CreateLog {
  readonly log: LogId;
  /** SHA-256 of the access token of epoch 0. */
  readonly tokenHash: TokenHash;
  /** Days that entries are kept. */
  readonly entryDays: number;
}

export interface AppendMessage {
  readonly log: LogId;
  /** SHA-256 of the token shown for `epoch`. */
  readonly shownHash: Uint8Array;
  readonly id: EntryId;
  readonly epoch: number;
  readonly body: Uint8Array;
  /** Milliseconds since 1970, by the relay's clock. */
  readonly now: number;
}

export interface AppendCommit extends AppendMessage {
  readonly nextTokenHash: TokenHash;
  readonly deliveries: readonly InboxDelivery[];
}

/** An item for the inbox of one device. */
export interface InboxDelivery {
  readonly account: AccountId;
  readonly device: DeviceId;
  readonly expiryDay: number;
  readonly body: Uint8Array;
}

export interface ReadEntries {
  readonly log: LogId;
  readonly epoch: number;
  readonly shownHash: Uint8Array;
  readonly after: number;
  /** Most entries to answer. The answer also stops filling past `LIMITS.run` bytes. */
  readonly limit: number;
}

export interface EntriesRead {
  readonly ok: true;
  readonly entries: readonly StoredEntry[];
  readonly head: LogHead;
}

/** An entry as it is stored; the same shape as the protocol's `Entry`. */
export interface StoredEntry {
  readonly seq: number;
  readonly time: number;
  readonly id: EntryId;
  readonly epoch: number;
  readonly kind: EntryKind;
  readonly body: Uint8Array;
}

export interface Done {
  readonly ok: true;
}

export interface Appended {
  readonly ok: true;
  readonly seq: number;
  readonly time: number;
  /** Whether this entry stood there before. */
  readonly again: boolean;
  /** With a commit that is not `again`: the place of each delivery in its inbox, in the order asked. */
  readonly delivered: readonly number[];
}

type StorageCode = 'storage_full' | 'unavailable';

export interface Refused<Code extends string> {
  readonly ok: false;
  readonly code: Code | StorageCode;
}

/** The log is in another epoch; `head` is as far as the token of the claimed epoch reads. */
interface EpochMoved {
  readonly ok: false;
  readonly code: 'epoch_moved';
  readonly head: LogHead;
}

export type AppendRefused = Refused<'log_unknown' | 'token_refused' | 'id_conflict'> | EpochMoved;
