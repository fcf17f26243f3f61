import type { SealedWrite, ValueKey, ValueRange } from './collections.ts';
import { isJournalKey, type Journal, openJournal, type Sealer } from './journal.ts';
import { createOverlay, decodeValue, encodeWrite } from './plain-write.ts';
import { compareKeys } from './record-key.ts';
import {
  type LockSlots,
  type RecordKey,
  type RecordRange,
  type RecordStore,
  StoreError,
} from './record-store.ts';
import { deriveRecordKey, openRecord, sealRecord } from './sealed-record.ts';
import { createStepQueue } from './step-queue.ts';
import { createTurnstile } from './turnstile.ts';

/**
 * What the engine keeps, in the clear to it and to nobody else. Reads throw SealedRecordError when the disk holds what
 * this store did not put there, and StoreError like the port below.
 */
export interface SealedStore {
  get<Value>(key: ValueKey<Value>): Promise<Value | undefined>;
  getMany<Value>(keys: readonly ValueKey<Value>[]): Promise<(Value | undefined)[]>;
  range<Value>(range: ValueRange<Value>): Promise<{ readonly key: RecordKey; readonly value: Value }[]>;
  /**
   * One step: all writes are on disk when it resolves, or none. Steps land in the order they were asked; those asked
   * while another one is being written share the next transaction. When one fails, those waiting behind it fail with
   * it, because they were built on it. Reads see only what has landed.
   */
  step(writes: readonly SealedWrite[]): Promise<void>;
  /** Another root key or slots in the place of what lies on the disk, in one transaction with `writes`. */
  keepRoot(root: CryptoKey | LockSlots, writes: readonly SealedWrite[]): Promise<void>;
  /**
   * The same, and everything sealed anew under `next` in that transaction: what opened the store before opens nothing
   * that is left in it. A crash leaves all as it was, or all of it done.
   */
  reseal(next: CryptoKey, root: CryptoKey | LockSlots, writes: readonly SealedWrite[]): Promise<void>;
  wipe(): Promise<void>;
  close(): Promise<void>;
}

/** All records there can be: no collection's name begins with the last of all characters. */
const EVERYTHING: RecordRange = { from: [''], to: ['\uffff'] };

/**
 * `clock`: without one the journal is folded by later steps only. `root`: what opens a locked store; without it such a
 * store throws StoreError `locked`.
 */
export async function createSealedStore(
  records: RecordStore,
  random: (length: number) => Uint8Array<ArrayBuffer>,
  clock?: { after(ms: number, callback: () => void): () => void },
  root?: CryptoKey,
): Promise<SealedStore> {
  const first = root ?? (await records.rootKey());
  if (first instanceof Uint8Array) throw new StoreError('locked');
  let key = await deriveRecordKey(first);
  const sealer: Sealer = {
    seal: (at, plain) => sealRecord(key, at, plain, random),
    open: (at, sealed) => openRecord(key, at, sealed),
  };
  const journal = await openJournal(records, sealer);
  const queue = createStepQueue(journal, clock);
  const reader = createReader(records, sealer, journal);
  const turnstile = createTurnstile();

  async function resealAll(next: CryptoKey, kept: CryptoKey | LockSlots, writes: readonly SealedWrite[]) {
    const nextKey = await deriveRecordKey(next);
    const found = (await records.range(EVERYTHING)).filter(({ key: at }) => !isJournalKey(at));
    const all = createOverlay();
    all.put(
      await Promise.all(
        found.map(async ({ key: at, value }) => ({ key: at, plain: await sealer.open(at, value) })),
      ),
    );
    all.put(journal.overlay.all());
    all.put(writes.map(encodeWrite));
    const sealed = all.all().map(async ({ key: at, plain }) => ({
      key: at,
      value: plain === undefined ? undefined : await sealRecord(nextKey, at, plain, random),
    }));
    await records.commit([{ erased: EVERYTHING }, ...(await Promise.all(sealed))], kept);
    key = nextKey;
    journal.forget();
  }

  return {
    async get<Value>({ key: at }: ValueKey<Value>) {
      return (await turnstile.pass(() => reader.getMany([at])))[0] as Value | undefined;
    },
    async getMany<Value>(keys: readonly ValueKey<Value>[]) {
      const found = await turnstile.pass(() => reader.getMany(keys.map((one) => one.key)));
      return found as (Value | undefined)[];
    },
    async range<Value>({ range }: ValueRange<Value>) {
      const found = await turnstile.pass(() => reader.range(range));
      return found as { readonly key: RecordKey; readonly value: Value }[];
    },
    step: queue.step,
    keepRoot: (kept, writes) => queue.alone(() => journal.fold(writes.map(encodeWrite), kept)),
    reseal: (next, kept, writes) => queue.alone(() => turnstile.alone(() => resealAll(next, kept, writes))),
    wipe() {
      queue.stop();
      return records.wipe();
    },
    close() {
      queue.stop();
      return records.close();
    },
  };
}

function createReader(records: RecordStore, { open }: Sealer, { overlay }: Journal) {
  /** The overlay is looked at before the records are asked: it may be folded while they answer. */
  async function getMany(keys: readonly RecordKey[]): Promise<unknown[]> {
    const over = keys.map((key) => overlay.find(key));
    const sealed = await records.get(keys.filter((_, at) => over[at] === undefined));
    let next = 0;
    const plains = keys.map((key, at) => {
      const write = over[at];
      if (write !== undefined) return write.plain;
      const record = sealed[next];
      next += 1;
      return record === undefined ? undefined : open(key, record);
    });
    const opened = await Promise.all(plains);
    return opened.map((plain, at) => {
      const key = keys[at];
      return plain === undefined || key === undefined ? undefined : decodeValue(key, plain);
    });
  }

  async function range(asked: RecordRange): Promise<{ readonly key: RecordKey; readonly value: unknown }[]> {
    const over = overlay.within(asked);
    // As many more as may turn out to be hidden.
    const limit = asked.limit === undefined ? undefined : asked.limit + over.length;
    const found = await records.range({ ...asked, limit });
    const merged = createOverlay();
    merged.put(
      await Promise.all(found.map(async ({ key, value }) => ({ key, plain: await open(key, value) }))),
    );
    merged.put(over);
    return merged
      .all()
      .sort((a, b) => (asked.reverse === true ? compareKeys(b.key, a.key) : compareKeys(a.key, b.key)))
      .flatMap(({ key, plain }) => (plain === undefined ? [] : [{ key, value: decodeValue(key, plain) }]))
      .slice(0, asked.limit);
  }

  return { getMany, range };
}
