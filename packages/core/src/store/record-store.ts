/**
 * Where a device keeps its records: the port under the sealed store. Drivers: IndexedDB, memory. Values are opaque
 * bytes, already sealed; keys are visible to whoever holds the disk.
 */

/** First part is the collection; then numbers and texts. Ordered as IndexedDB orders array keys. */
export type RecordKey = readonly [collection: string, ...parts: (string | number)[]];

export interface RecordRange {
  /** Inclusive. */
  readonly from: RecordKey;
  /** Exclusive; not above `from` means nothing. */
  readonly to: RecordKey;
  readonly limit?: number | undefined;
  readonly reverse?: boolean | undefined;
}

export interface StoredRecord {
  readonly key: RecordKey;
  readonly value: Uint8Array;
}

/** `value: undefined` deletes. */
export interface RecordWrite {
  readonly key: RecordKey;
  readonly value: Uint8Array | undefined;
}

/** Deletes every record from `from` (inclusive) to `to` (exclusive): one deletion on the disk, however many they are. */
export interface RecordErasure {
  readonly erased: Pick<RecordRange, 'from' | 'to'>;
}

/**
 * `quota`: the browser has no room; nothing was written. `fenced`: another tab took over; this engine must stop.
 * `closed`: the store was closed or wiped. `failed`: anything else; nothing was written.
 */
export class StoreError extends Error {
  readonly code: 'quota' | 'fenced' | 'closed' | 'failed';
  constructor(code: 'quota' | 'fenced' | 'closed' | 'failed', options?: ErrorOptions) {
    super(code, options);
    this.name = 'StoreError';
    this.code = code;
  }
}

export interface RecordStore {
  /** Values in the order of `keys`; undefined where there is none. */
  get(keys: readonly RecordKey[]): Promise<(Uint8Array | undefined)[]>;
  range(range: RecordRange): Promise<StoredRecord[]>;
  /** All writes, in order, in one transaction with strict durability, or none. Resolves only when they are on disk. */
  commit(writes: readonly (RecordWrite | RecordErasure)[]): Promise<void>;
  /** HKDF key of this store: 256 random bits, made once, non-extractable, kept beside the records. */
  rootKey(): Promise<CryptoKey>;
  /** Erases every record and the root key; later calls answer `closed`. */
  wipe(): Promise<void>;
  close(): Promise<void>;
}
