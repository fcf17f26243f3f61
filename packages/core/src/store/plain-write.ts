import { decodeCbor, encodeCbor } from '@sotto/protocol';
import type { SealedWrite } from './collections.ts';
import { canonicalKey, compareKeys, isRecordKey } from './record-key.ts';
import type { RecordKey, RecordRange } from './record-store.ts';
import { RECORD_LIMIT, SealedRecordError } from './sealed-record.ts';

/** A write with its value as CBOR, not sealed yet; undefined deletes. */
export interface PlainWrite {
  readonly key: RecordKey;
  readonly plain: Uint8Array | undefined;
}

export function encodeWrite({ key, value }: SealedWrite): PlainWrite {
  return { key, plain: value === undefined ? undefined : encodeCbor(value) };
}

/** The value of a record that opened. Throws SealedRecordError for what `encodeWrite` never made. */
export function decodeValue(at: RecordKey, plain: Uint8Array): unknown {
  const value = decodeCbor(plain, RECORD_LIMIT);
  if (value === undefined) throw new SealedRecordError('malformed', at[0]);
  return value;
}

/** Many writes as one value: `[key, value or null]` each. */
export function encodeBatch(writes: readonly PlainWrite[]): Uint8Array {
  return encodeCbor(writes.map(({ key, plain }) => [key, plain ?? null]));
}

export function decodeBatch(at: RecordKey, plain: Uint8Array): PlainWrite[] {
  const batch = decodeValue(at, plain);
  if (!Array.isArray(batch)) throw new SealedRecordError('malformed', at[0]);
  return batch.map((item: unknown) => {
    const [key, value] = Array.isArray(item) ? (item as unknown[]) : [];
    if (!Array.isArray(key) || !isRecordKey(key)) throw new SealedRecordError('malformed', at[0]);
    return { key, plain: value instanceof Uint8Array ? value : undefined };
  });
}

/** Writes by key, the last one of each: what lies over the records until it is folded into them. */
export interface Overlay {
  put(writes: readonly PlainWrite[]): void;
  /** Undefined when nothing lies over the record. */
  find(key: RecordKey): PlainWrite | undefined;
  within(range: RecordRange): PlainWrite[];
  all(): PlainWrite[];
  clear(): void;
}

export function createOverlay(): Overlay {
  const writeByKey = new Map<string, PlainWrite>();
  return {
    put(writes) {
      for (const write of writes) writeByKey.set(canonicalKey(write.key), write);
    },
    find: (key) => writeByKey.get(canonicalKey(key)),
    within: ({ from, to }) =>
      [...writeByKey.values()].filter(({ key }) => compareKeys(key, from) >= 0 && compareKeys(key, to) < 0),
    all: () => [...writeByKey.values()],
    clear: () => writeByKey.clear(),
  };
}
