import { type EntryId, LATEST_TIME } from './ids.ts';
import { LIMITS } from './limits.ts';

/** What an entry is to the relay: a commit moves the log to the next epoch, a message does not. */
export type EntryKind = 'message' | 'commit';

/** An entry as the relay holds it. `body` is sealed: an MLSMessage the relay cannot open. */
export interface Entry {
  /** Position in the log, gapless from 1, given by the relay. */
  readonly seq: number;
  /** When the relay stored it, milliseconds since 1970. */
  readonly time: number;
  readonly id: EntryId;
  readonly epoch: number;
  readonly kind: EntryKind;
  readonly body: Uint8Array;
}

/** Header of one entry in a run: u64 seq; u64 time; u64 epoch; u8 kind; id[16]; u32 length. Big-endian. */
export const ENTRY_HEADER = 45;

/** Bytes that `entry` takes in a run. */
export function entrySize(entry: Pick<Entry, 'body'>): number {
  return ENTRY_HEADER + entry.body.length;
}

/**
 * Entries in the order given, as one byte string: encoded once, sent to every reader. Throws RangeError when a number
 * is not a safe integer.
 */
export function encodeRun(entries: readonly Entry[]): Uint8Array {
  let size = 0;
  for (const entry of entries) size += entrySize(entry);
  const run = new Uint8Array(size);
  const view = new DataView(run.buffer);
  let at = 0;
  for (const entry of entries) {
    writeCounter(view, at, entry.seq);
    writeCounter(view, at + 8, entry.time);
    writeCounter(view, at + 16, entry.epoch);
    view.setUint8(at + 24, entry.kind === 'commit' ? 1 : 0);
    run.set(entry.id, at + 25);
    view.setUint32(at + 41, entry.body.length);
    run.set(entry.body, at + ENTRY_HEADER);
    at += ENTRY_HEADER + entry.body.length;
  }
  return run;
}

/**
 * Reads a run. The bytes are the relay's: undefined when they are cut, oversized, of an unknown kind or a time that no calendar has, or when `seq`
 * does not grow by one from entry to entry. Bodies and ids are views into `run`, not copies.
 */
export function decodeRun(run: Uint8Array): Entry[] | undefined {
  if (run.length > LIMITS.run + LIMITS.commitBody + ENTRY_HEADER) return undefined;
  const view = new DataView(run.buffer, run.byteOffset, run.byteLength);
  const entries: Entry[] = [];
  let at = 0;
  while (at < run.length) {
    if (entries.length === LIMITS.runEntries) return undefined;
    const entry = readEntry(run, view, at);
    if (entry === undefined) return undefined;
    const before = entries.at(-1);
    if (before !== undefined && entry.seq !== before.seq + 1) return undefined;
    entries.push(entry);
    at += entrySize(entry);
  }
  return entries;
}

function readEntry(run: Uint8Array, view: DataView, at: number): Entry | undefined {
  if (run.length - at < ENTRY_HEADER) return undefined;
  const seq = readCounter(view, at);
  const time = readCounter(view, at + 8);
  const epoch = readCounter(view, at + 16);
  const kind = view.getUint8(at + 24);
  const length = view.getUint32(at + 41);
  if (
    seq === undefined ||
    seq === 0 ||
    time === undefined ||
    time > LATEST_TIME ||
    epoch === undefined ||
    kind > 1
  )
    return undefined;
  const limit = kind === 1 ? LIMITS.commitBody : LIMITS.messageBody;
  if (length > limit || length > run.length - at - ENTRY_HEADER) return undefined;
  return {
    seq,
    time,
    id: run.subarray(at + 25, at + 41) as EntryId,
    epoch,
    kind: kind === 1 ? 'commit' : 'message',
    body: run.subarray(at + ENTRY_HEADER, at + ENTRY_HEADER + length),
  };
}

/** Writes a count as u64. */
export function writeCounter(view: DataView, at: number, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError('not a safe count');
  view.setUint32(at, Math.floor(value / 2 ** 32));
  view.setUint32(at + 4, value >>> 0);
}

/** Reads a u64; undefined past 2^53 − 1. */
export function readCounter(view: DataView, at: number): number | undefined {
  const value = view.getUint32(at) * 2 ** 32 + view.getUint32(at + 4);
  return Number.isSafeInteger(value) ? value : undefined;
}
