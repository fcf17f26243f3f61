import type { SealedWrite, ValueKey, ValueRange } from './collections.ts';
import { type Journal, openJournal, type Sealer } from './journal.ts';
import { createOverlay, decodeValue, encodeWrite, type PlainWrite } from './plain-write.ts';
import { compareKeys } from './record-key.ts';
import type { RecordKey, RecordRange, RecordStore } from './record-store.ts';
import { deriveRecordKey, openRecord, sealRecord } from './sealed-record.ts';

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
  wipe(): Promise<void>;
  close(): Promise<void>;
}

/** How long after the last step the journal is folded, so that a used key does not stay on disk. Milliseconds. */
const IDLE = 500;

/** `clock`: without one the journal is folded by later steps only. */
export async function createSealedStore(
  records: RecordStore,
  random: (length: number) => Uint8Array<ArrayBuffer>,
  clock?: { after(ms: number, callback: () => void): () => void },
): Promise<SealedStore> {
  const key = await deriveRecordKey(await records.rootKey());
  const sealer: Sealer = {
    seal: (at, plain) => sealRecord(key, at, plain, random),
    open: (at, sealed) => openRecord(key, at, sealed),
  };
  const journal = await openJournal(records, sealer);
  const steps = createStepQueue(journal, clock);
  const reader = createReader(records, sealer, journal);
  return {
    async get<Value>({ key: at }: ValueKey<Value>) {
      return (await reader.getMany([at]))[0] as Value | undefined;
    },
    async getMany<Value>(keys: readonly ValueKey<Value>[]) {
      return (await reader.getMany(keys.map((one) => one.key))) as (Value | undefined)[];
    },
    async range<Value>({ range }: ValueRange<Value>) {
      return (await reader.range(range)) as { readonly key: RecordKey; readonly value: Value }[];
    },
    step: steps.step,
    wipe() {
      steps.stop();
      return records.wipe();
    },
    close() {
      steps.stop();
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

interface WaitingStep {
  readonly writes: readonly PlainWrite[];
  readonly landed: PromiseWithResolvers<void>;
}

/** One transaction at a time, in order: a step must not be overtaken by one that builds on it. */
function createStepQueue(
  journal: Journal,
  clock: { after(ms: number, callback: () => void): () => void } | undefined,
): { readonly step: SealedStore['step']; stop(): void } {
  let waiting: WaitingStep[] = [];
  let writing = false;
  let cancelIdle: (() => void) | undefined;

  async function drain(): Promise<void> {
    writing = true;
    cancelIdle?.();
    while (waiting.length > 0) await landTogether();
    writing = false;
    cancelIdle = clock?.after(IDLE, () => void foldIdle());
  }

  async function landTogether(): Promise<void> {
    const together = waiting;
    waiting = [];
    try {
      // Of many writes of one key only the last is sealed, and state is in every step.
      const last = createOverlay();
      for (const { writes } of together) last.put(writes);
      const writes = last.all();
      if (writes.length > 0) await journal.land(writes);
      for (const step of together) step.landed.resolve();
    } catch (error) {
      for (const step of [...together, ...waiting]) step.landed.reject(error);
      waiting = [];
    }
  }

  async function foldIdle(): Promise<void> {
    if (writing || journal.overlay.all().length === 0) return;
    writing = true;
    // Nobody waits for it: what fails here is done by the next step, or fails there.
    await journal.fold([]).catch(() => undefined);
    writing = false;
    if (waiting.length > 0) await drain();
  }

  return {
    step(writes) {
      const step = { writes: writes.map(encodeWrite), landed: Promise.withResolvers<void>() };
      waiting.push(step);
      if (!writing) void drain();
      return step.landed.promise;
    },
    stop() {
      cancelIdle?.();
    },
  };
}
