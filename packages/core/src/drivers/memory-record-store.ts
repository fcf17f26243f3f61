import { canonicalKey, compareKeys } from '../store/record-key.ts';
import {
  type LockSlots,
  type RecordErasure,
  type RecordKey,
  type RecordRange,
  type RecordStore,
  type RecordWrite,
  type StoredRecord,
  StoreError,
} from '../store/record-store.ts';
import { makeRootKey } from '../store/root-key.ts';

/** What outlives a process: bots keep one for their lifetime, tests reopen it to play a restart. */
export interface MemoryDisk {
  /** Claims the next generation: stores opened before answer `fenced` to their next commit. */
  open(): Promise<RecordStore>;
}

export interface MemoryDiskOptions {
  /** Bytes of values that fit; more answers `quota`. */
  readonly capacity?: number | undefined;
  readonly random: (length: number) => Uint8Array<ArrayBuffer>;
}

interface DiskState {
  readonly valueByKey: Map<string, StoredRecord>;
  /** In key order; undefined when a commit changed the set of keys. */
  ordered: StoredRecord[] | undefined;
  bytes: number;
  generation: number;
  root: Promise<CryptoKey | LockSlots> | undefined;
}

export function createMemoryDisk(options: MemoryDiskOptions): MemoryDisk {
  const disk: DiskState = {
    valueByKey: new Map(),
    ordered: undefined,
    bytes: 0,
    generation: 0,
    root: undefined,
  };
  return {
    async open() {
      disk.generation += 1;
      return openOn(disk, disk.generation, options);
    },
  };
}

/** One store on a disk of its own. */
export async function createMemoryRecordStore(options: MemoryDiskOptions): Promise<RecordStore> {
  return await createMemoryDisk(options).open();
}

function openOn(disk: DiskState, generation: number, options: MemoryDiskOptions): RecordStore {
  let open = true;
  const requireOpen = () => {
    if (!open) throw new StoreError('closed');
  };
  return {
    async get(keys) {
      requireOpen();
      return keys.map((key) => disk.valueByKey.get(canonicalKey(key))?.value.slice());
    },
    async range(range) {
      requireOpen();
      return readRange(disk, range);
    },
    async commit(writes, root) {
      requireOpen();
      const landed = writes.map((write) =>
        'erased' in write ? write : { key: write.key, value: write.value?.slice() },
      );
      // Like a disk: the answer comes later than the call, so that callers cannot lean on its being immediate.
      await Promise.resolve();
      requireOpen();
      if (disk.generation !== generation) throw new StoreError('fenced');
      applyAll(disk, landed, options.capacity ?? Number.POSITIVE_INFINITY);
      if (root !== undefined) disk.root = Promise.resolve(root instanceof Uint8Array ? root.slice() : root);
    },
    async rootKey() {
      requireOpen();
      disk.root ??= makeRootKey(options.random);
      return await disk.root;
    },
    async wipe() {
      requireOpen();
      open = false;
      disk.valueByKey.clear();
      disk.ordered = undefined;
      disk.bytes = 0;
      disk.root = undefined;
      disk.generation += 1;
    },
    async close() {
      open = false;
    },
  };
}

function applyAll(disk: DiskState, writes: readonly (RecordWrite | RecordErasure)[], capacity: number): void {
  const last = lastWrites(disk, writes);
  let bytes = disk.bytes;
  for (const [name, write] of last)
    bytes += (write.value?.length ?? 0) - (disk.valueByKey.get(name)?.value.length ?? 0);
  if (bytes > capacity) throw new StoreError('quota');
  disk.bytes = bytes;
  for (const [name, { key, value }] of last) {
    disk.ordered = undefined;
    if (value === undefined) disk.valueByKey.delete(name);
    else disk.valueByKey.set(name, { key: [...key] as RecordKey, value });
  }
}

/** By canonical key, erasures as the deletions that they amount to. */
function lastWrites(
  disk: DiskState,
  writes: readonly (RecordWrite | RecordErasure)[],
): ReadonlyMap<string, RecordWrite> {
  const last = new Map<string, RecordWrite>();
  const put = (write: RecordWrite) => last.set(canonicalKey(write.key), write);
  for (const write of writes) {
    if ('erased' in write)
      for (const key of keysWithin(disk, last, write.erased)) put({ key, value: undefined });
    else put(write);
  }
  return last;
}

/** Of what lies on the disk and of what the commit itself wrote so far. */
function keysWithin(
  disk: DiskState,
  written: ReadonlyMap<string, RecordWrite>,
  { from, to }: RecordErasure['erased'],
): RecordKey[] {
  const isWithin = (key: RecordKey) => compareKeys(key, from) >= 0 && compareKeys(key, to) < 0;
  const fresh = [...written.values()].map(({ key }) => key).filter(isWithin);
  return [...readRange(disk, { from, to }).map(({ key }) => key), ...fresh];
}

function readRange(disk: DiskState, range: RecordRange): StoredRecord[] {
  disk.ordered ??= [...disk.valueByKey.values()].sort((a, b) => compareKeys(a.key, b.key));
  const found = disk.ordered.slice(
    firstAtLeast(disk.ordered, range.from),
    firstAtLeast(disk.ordered, range.to),
  );
  if (range.reverse === true) found.reverse();
  return found.slice(0, range.limit ?? found.length).map(({ key, value }) => ({ key, value: value.slice() }));
}

/** Index of the first record whose key is not below `key`. */
function firstAtLeast(ordered: readonly StoredRecord[], key: RecordKey): number {
  let low = 0;
  let high = ordered.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const at = ordered[middle];
    if (at !== undefined && compareKeys(at.key, key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
