import type { EntryId } from '@sotto/protocol';
import type { StoredEntry } from '../log-store.ts';

/** An entry with what only the store needs. */
export interface HeldEntry extends StoredEntry {
  /** Row number of its log. */
  readonly log: number;
  /** What a retry of a commit must repeat; see `digestRequest`. */
  readonly digest: Uint8Array | undefined;
}

/** u32 log; u8 kind; f64 seq; f64 time; f64 epoch; id[16]; u32 length; digest[32] with a commit; body. Big-endian. */
const HEADER = 49;
const DIGEST = 32;

/** Entries that become durable together, as one byte string. */
export function encodeJournal(entries: readonly HeldEntry[]): Uint8Array {
  let size = 0;
  for (const entry of entries) size += HEADER + (entry.digest?.length ?? 0) + entry.body.length;
  const run = new Uint8Array(size);
  const view = new DataView(run.buffer);
  let at = 0;
  for (const entry of entries) {
    view.setUint32(at, entry.log);
    view.setUint8(at + 4, entry.digest === undefined ? 0 : 1);
    view.setFloat64(at + 5, entry.seq);
    view.setFloat64(at + 13, entry.time);
    view.setFloat64(at + 21, entry.epoch);
    run.set(entry.id, at + 29);
    view.setUint32(at + 45, entry.body.length);
    at += HEADER;
    if (entry.digest !== undefined) {
      run.set(entry.digest, at);
      at += DIGEST;
    }
    run.set(entry.body, at);
    at += entry.body.length;
  }
  return run;
}

/** Reads what `encodeJournal` wrote: our own bytes, so a cut run throws RangeError. Bodies are views into `run`. */
export function decodeJournal(run: Uint8Array): HeldEntry[] {
  const view = new DataView(run.buffer, run.byteOffset, run.byteLength);
  const entries: HeldEntry[] = [];
  let at = 0;
  while (at < run.length) {
    const isCommit = view.getUint8(at + 4) === 1;
    const start = at + HEADER + (isCommit ? DIGEST : 0);
    const end = start + view.getUint32(at + 45);
    if (end > run.length) throw new RangeError('journal row is cut');
    entries.push({
      log: view.getUint32(at),
      kind: isCommit ? 'commit' : 'message',
      seq: view.getFloat64(at + 5),
      time: view.getFloat64(at + 13),
      epoch: view.getFloat64(at + 21),
      id: run.subarray(at + 29, at + 45) as EntryId,
      digest: isCommit ? run.subarray(at + HEADER, start) : undefined,
      body: run.subarray(start, end),
    });
    at = end;
  }
  return entries;
}
