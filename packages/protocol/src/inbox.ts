import { readCounter, writeCounter } from './entry.ts';
import { LIMITS } from './limits.ts';

/** One item of a device's inbox: a Welcome as it is. `expiryDay` counts days since 1970; there is no time. */
export interface InboxItem {
  /** Position in the inbox, growing, gaps allowed after trimming. */
  readonly seq: number;
  readonly expiryDay: number;
  readonly body: Uint8Array;
}

/** u64 seq; u32 expiryDay; u32 length. Big-endian. */
const ITEM_HEADER = 16;

/** Items in the order given, as one byte string. */
export function encodeInboxRun(items: readonly InboxItem[]): Uint8Array {
  const run = new Uint8Array(items.reduce((size, item) => size + ITEM_HEADER + item.body.length, 0));
  const view = new DataView(run.buffer);
  let at = 0;
  for (const item of items) {
    writeCounter(view, at, item.seq);
    view.setUint32(at + 8, item.expiryDay);
    view.setUint32(at + 12, item.body.length);
    run.set(item.body, at + ITEM_HEADER);
    at += ITEM_HEADER + item.body.length;
  }
  return run;
}

/** Reads an inbox run; undefined when cut, oversized, or when `seq` does not grow. Bodies are views into `run`. */
export function decodeInboxRun(run: Uint8Array): InboxItem[] | undefined {
  if (run.length > LIMITS.run + LIMITS.welcomeBody + ITEM_HEADER) return undefined;
  const view = new DataView(run.buffer, run.byteOffset, run.byteLength);
  const items: InboxItem[] = [];
  let at = 0;
  while (at < run.length) {
    if (items.length === LIMITS.runEntries || run.length - at < ITEM_HEADER) return undefined;
    const seq = readCounter(view, at);
    const length = view.getUint32(at + 12);
    if (seq === undefined || seq <= (items.at(-1)?.seq ?? 0)) return undefined;
    if (length > LIMITS.welcomeBody || length > run.length - at - ITEM_HEADER) return undefined;
    const start = at + ITEM_HEADER;
    items.push({ seq, expiryDay: view.getUint32(at + 8), body: run.subarray(start, start + length) });
    at = start + length;
  }
  return items;
}
