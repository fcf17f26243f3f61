import { compareKeys, isRecordKey } from '../store/record-key.ts';
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

/**
 * Version of the database's layout: two object stores with keys given by us. 1 is the same without `LockSlots`: a program
 * that knows no lock would take a locked store for an empty one, and cannot open this version.
 */
const LAYOUT = 2;
const RECORDS = 'records';
/** Holds `rootKey` (a CryptoKey that cannot be exported, or LockSlots) and `generation` (who may write). */
const META = 'meta';

export interface IndexedDbOptions {
  readonly name: string;
  readonly random: (length: number) => Uint8Array<ArrayBuffer>;
  /** The browser's, or a stand-in of the same API. */
  readonly factory?: IDBFactory | undefined;
}

/**
 * Opens a device's database and claims its next generation. From then on every commit of a store opened earlier
 * answers `fenced`, whatever its tab believes: the check stands in the same transaction as the writes.
 *
 * What a transaction costs, and what follows from it for steps, stands in `store/collections.ts`.
 */
export async function openIndexedDbRecordStore(options: IndexedDbOptions): Promise<RecordStore> {
  const factory = options.factory ?? indexedDB;
  const candidate = await makeRootKey(options.random);
  const database = await openDatabase(factory, options.name);
  const state: OpenState = { database, open: true, generation: 0, root: candidate };
  // Another tab wipes the device: let go at once, or its deletion would wait for us.
  database.onversionchange = () => shut(state);
  database.onclose = () => shut(state);
  await claim(state, candidate);
  return {
    get: (keys) => readKeys(state, keys),
    range: (range) => readRange(state, range),
    commit: (writes, root) => commit(state, writes, root),
    rootKey: async () => requireOpen(state).root,
    async wipe() {
      requireOpen(state);
      shut(state);
      await settle(factory.deleteDatabase(options.name));
    },
    close: async () => shut(state),
  };
}

interface OpenState {
  readonly database: IDBDatabase;
  open: boolean;
  generation: number;
  root: CryptoKey | LockSlots;
}

function openDatabase(factory: IDBFactory, name: string): Promise<IDBDatabase> {
  const request = factory.open(name, LAYOUT);
  request.onupgradeneeded = ({ oldVersion }) => {
    if (oldVersion !== 0) return;
    request.result.createObjectStore(RECORDS);
    request.result.createObjectStore(META);
  };
  return settle(request);
}

async function claim(state: OpenState, candidate: CryptoKey): Promise<void> {
  await transact(state, 'readwrite', (transaction) => {
    const meta = transaction.objectStore(META);
    const generation = meta.get('generation');
    generation.onsuccess = () => {
      state.generation = (typeof generation.result === 'number' ? generation.result : 0) + 1;
      meta.put(state.generation, 'generation');
    };
    const root = meta.get('rootKey');
    root.onsuccess = () => {
      // Two tabs may open an empty database together: the first one's key stays.
      if (isRoot(root.result)) state.root = root.result;
      else meta.put(candidate, 'rootKey');
    };
  });
}

async function readKeys(state: OpenState, keys: readonly RecordKey[]): Promise<(Uint8Array | undefined)[]> {
  if (keys.length === 0) return [];
  const requests = await transact(state, 'readonly', (transaction) => {
    const records = transaction.objectStore(RECORDS);
    return keys.map((key) => records.get(mutable(key)));
  });
  return requests.map(({ result }) => (result === undefined ? undefined : bytesOf(result)));
}

async function readRange(state: OpenState, range: RecordRange): Promise<StoredRecord[]> {
  // An empty range is an error to IndexedDB, and an answer to us.
  if (range.limit === 0 || compareKeys(range.from, range.to) >= 0) return [];
  const bounds = boundsOf(range);
  if (range.reverse === true) return await readBackwards(state, bounds, range.limit);
  const [keys, values] = await transact(state, 'readonly', (transaction) => {
    const records = transaction.objectStore(RECORDS);
    return [records.getAllKeys(bounds, range.limit), records.getAll(bounds, range.limit)] as const;
  });
  return keys.result.map((key, at) => ({ key: keyOf(key), value: bytesOf(values.result[at]) }));
}

async function readBackwards(
  state: OpenState,
  bounds: IDBKeyRange,
  limit = Number.POSITIVE_INFINITY,
): Promise<StoredRecord[]> {
  const found: StoredRecord[] = [];
  await transact(state, 'readonly', (transaction) => {
    const request = transaction.objectStore(RECORDS).openCursor(bounds, 'prev');
    request.onsuccess = () => {
      const cursor = request.result;
      if (cursor === null) return;
      found.push({ key: keyOf(cursor.key), value: bytesOf(cursor.value) });
      if (found.length < limit) cursor.continue();
    };
  });
  return found;
}

/**
 * The fence is asked first and the writes follow without waiting for its answer, which saves a round trip: a transaction
 * takes effect only after that answer was looked at, and not at all when it is the wrong one.
 */
async function commit(
  state: OpenState,
  writes: readonly (RecordWrite | RecordErasure)[],
  root: CryptoKey | LockSlots | undefined,
): Promise<void> {
  let refusal: unknown;
  try {
    await transact(state, 'readwrite', (transaction) => {
      const refuse = (reason: unknown) => {
        refusal = reason;
        transaction.abort();
      };
      const generation = transaction.objectStore(META).get('generation');
      generation.onsuccess = () => {
        if (generation.result !== state.generation) refuse(new StoreError('fenced'));
        // Saves the round trip in which the browser finds out that nothing more is asked.
        else transaction.commit();
      };
      try {
        writeAll(transaction.objectStore(RECORDS), writes);
        if (root !== undefined)
          transaction.objectStore(META).put(root instanceof Uint8Array ? ownBytes(root) : root, 'rootKey');
      } catch (error) {
        refuse(error);
      }
    });
  } catch (error) {
    throw refusal === undefined ? error : storeError(state, refusal);
  }
  if (root !== undefined) state.root = root;
}

function writeAll(records: IDBObjectStore, writes: readonly (RecordWrite | RecordErasure)[]): void {
  for (const write of writes) {
    if ('erased' in write) erase(records, write);
    else if (write.value === undefined) records.delete(mutable(write.key));
    else records.put(ownBytes(write.value), mutable(write.key));
  }
}

function erase(records: IDBObjectStore, { erased }: RecordErasure): void {
  if (compareKeys(erased.from, erased.to) < 0) records.delete(boundsOf(erased));
}

/** Runs `ask` in one transaction; resolves when it is complete: for writes, when they are on disk. */
function transact<T>(
  state: OpenState,
  mode: 'readonly' | 'readwrite',
  ask: (transaction: IDBTransaction) => T,
): Promise<T> {
  return new Promise((resolve, reject) => {
    try {
      const { database } = requireOpen(state);
      const transaction = database.transaction([RECORDS, META], mode, { durability: 'strict' });
      let result: T;
      transaction.oncomplete = () => resolve(result);
      transaction.onabort = () => reject(storeError(state, transaction.error));
      result = ask(transaction);
    } catch (error) {
      reject(storeError(state, error));
    }
  });
}

function settle<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(storeError(undefined, request.error));
  });
}

function storeError(state: OpenState | undefined, cause: unknown): StoreError {
  if (cause instanceof StoreError) return cause;
  if (state?.open === false) return new StoreError('closed', { cause });
  const name = cause instanceof Error ? cause.name : '';
  return new StoreError(name === 'QuotaExceededError' ? 'quota' : 'failed', { cause });
}

function requireOpen(state: OpenState): OpenState {
  if (!state.open) throw new StoreError('closed');
  return state;
}

function shut(state: OpenState): void {
  state.open = false;
  state.database.close();
}

/** A view would be stored with the whole buffer under it, other people's secrets included. */
function ownBytes(value: Uint8Array): Uint8Array {
  return value.byteLength === value.buffer.byteLength ? value : value.slice();
}

function isRoot(value: unknown): value is CryptoKey | LockSlots {
  return value instanceof CryptoKey || value instanceof Uint8Array;
}

function boundsOf({ from, to }: Pick<RecordRange, 'from' | 'to'>): IDBKeyRange {
  return IDBKeyRange.bound(mutable(from), mutable(to), false, true);
}

function mutable(key: RecordKey): (string | number)[] {
  return [...key];
}

function keyOf(key: IDBValidKey): RecordKey {
  if (!Array.isArray(key) || !isRecordKey(key)) throw new StoreError('failed');
  return key;
}

function bytesOf(value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new StoreError('failed');
  return value;
}
