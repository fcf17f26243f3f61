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
 * What lies in the place of the root key while the app lock is on: root secrets that are wrapped (lock-slots.ts). Whoever
 * holds the disk reads and chooses these bytes.
 */
export type LockSlots = Uint8Array;

/**
 * `quota`: the browser has no room; nothing was written. `fenced`: another tab took over; this engine must stop.
 * `closed`: the store was closed or wiped. `locked`: its root key is wrapped. `failed`: anything else; nothing was written.
 */
export class StoreError extends Error {
  readonly code: 'quota' | 'fenced' | 'closed' | 'locked' | 'failed';
  constructor(code: 'quota' | 'fenced' | 'closed' | 'locked' | 'failed', options?: ErrorOptions) {
    super(code, options);
    this.name = 'StoreError';
    this.code = code;
  }
}

export interface RecordStore {
  /** Values in the order of `keys`; undefined where there is none. */
  get(keys: readonly RecordKey[]): Promise<(Uint8Array | undefined)[]>;
  range(range: RecordRange): Promise<StoredRecord[]>;
  /**
   * All writes, in order, in one transaction with strict durability, or none. Resolves only when they are on disk. `root`
   * takes the place of what `rootKey` gave, in the same transaction.
   */
  commit(writes: readonly (RecordWrite | RecordErasure)[], root?: CryptoKey | LockSlots): Promise<void>;
  /**
   * HKDF key of this store, kept beside the records: 256 random bits, made when the store is, non-extractable. Or what a
   * commit put in its place.
   */
  rootKey(): Promise<CryptoKey | LockSlots>;
  /** Erases every record and the root key; later calls answer `closed`. */
  wipe(): Promise<void>;
  close(): Promise<void>;
}
