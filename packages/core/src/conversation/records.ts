import type { Delivery } from '@sotto/protocol';
import type { ChunkCollection } from '../store/chunks.ts';
import { collection } from '../store/collections.ts';

/** What a conversation keeps on disk. Keys hold hexadecimal ids; everything else is sealed. */

/** One line of a thread, as written once: what changes about it later (delivered) follows from the thread's record. */
export interface LineRecord {
  /** Entry id, 16 bytes. */
  readonly id: Uint8Array;
  readonly kind: 'text' | 'notice' | 'gap';
  /** Account, 16 bytes. */
  readonly sender: Uint8Array;
  readonly text: string;
  readonly time: number;
  readonly log: Uint8Array;
  readonly seq: number;
}

export interface ThreadRecord {
  readonly peer: Uint8Array;
  /** Lines so far; the next one takes this index. */
  readonly total: number;
  readonly unread: number;
  /** Index of the last own line that a device of the peer has on disk; −1 when none. */
  readonly deliveredUpTo: number;
  /** Of the newest line, or of the opening. */
  readonly time: number;
  readonly last?: LineRecord | undefined;
  readonly revision: number;
}

/**
 * `creating`: our first commit is not accepted yet. `joining`: looking for the commit that added us. `active`: followed.
 * `broken`: an entry could not be processed, nothing after it can be. `retired`: followed no more, or only read.
 */
type LogStatus = 'creating' | 'joining' | 'active' | 'broken' | 'retired' | 'removed';

export interface LogRecord {
  readonly thread: string;
  readonly status: LogStatus;
  /** Seq of the last entry that is processed and on disk. */
  readonly cursor: number;
  /** Seq of the commit that opened the current epoch. */
  readonly epochStart: number;
  /** Running hash over the entries of this epoch, and the final one of the epoch before for those who were in it. */
  readonly hash: Uint8Array;
  readonly before?: Uint8Array | undefined;
  /** Hashes of the last entries, 32 bytes each, the last one at `cursor`: what a lagging sender's hash is held against. */
  readonly recent: Uint8Array;
  /** Own entries since this device's last update, and when that was. */
  readonly sinceUpdate: number;
  readonly updatedAt: number;
  /** Highest seq of a text of somebody else, and up to where we reported it delivered. */
  readonly heardUpTo: number;
  readonly reportedUpTo: number;
  /** Above 0 when it was joined after the other side had spoken in an earlier log: then it replaces that one. */
  readonly rank: number;
  /** While creating: access token of epoch 0, 32 bytes. */
  readonly firstToken?: Uint8Array | undefined;
}

/** A commit of ours that the relay may or may not have: a retry sends these very bytes. */
export interface PendingRecord {
  readonly id: Uint8Array;
  /** The epoch it ends. */
  readonly epoch: number;
  readonly body: Uint8Array;
  readonly nextTokenHash: Uint8Array;
  readonly welcomes: readonly Delivery[];
  /** The group after it, as `encodeAll` writes it. */
  readonly groupEpoch: Uint8Array;
  readonly ratchets: readonly (readonly [name: string, ratchet: Uint8Array])[];
}

/** An entry of ours on its way. Sealed ones carry log, epoch and body; `fixed` ones belong to one log. */
export interface OutboxRecord {
  readonly id: Uint8Array;
  readonly kind: 'text' | 'delivered';
  readonly text: string;
  /** For `delivered`: the seq reported. */
  readonly upTo: number;
  readonly time: number;
  readonly failed: boolean;
  readonly log?: Uint8Array | undefined;
  readonly epoch?: number | undefined;
  readonly body?: Uint8Array | undefined;
}

export const threads = collection<[thread: string], ThreadRecord>('thread');
export const lines: ChunkCollection<LineRecord> = collection('line');
export const logs = collection<[log: string], LogRecord>('log');
export const groupEpochs = collection<[log: string], Uint8Array>('group-epoch');
export const groupRatchets = collection<[log: string, name: string], Uint8Array>('group-ratchet');
export const pendings = collection<[log: string], PendingRecord>('pending-commit');
export const outbox = collection<[thread: string, order: number], OutboxRecord>('outbox');
/** Welcomes whose sender could not be believed yet. */
export const heldWelcomes = collection<[digest: string], Uint8Array>('held-welcome');
