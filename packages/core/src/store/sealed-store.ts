import type { SealedWrite, ValueKey, ValueRange } from './collections.ts';
import { canonicalKey } from './record-key.ts';
import type { RecordKey, RecordStore, RecordWrite } from './record-store.ts';
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
   * it, because they were built on it. Reads see only what has landed. The values must not change until then.
   */
  step(writes: readonly SealedWrite[]): Promise<void>;
  wipe(): Promise<void>;
  close(): Promise<void>;
}

export async function createSealedStore(
  records: RecordStore,
  random: (length: number) => Uint8Array<ArrayBuffer>,
): Promise<SealedStore> {
  const recordKey = await deriveRecordKey(await records.rootKey());
  const open = (at: RecordKey, bytes: Uint8Array | undefined): Promise<unknown> =>
    bytes === undefined ? Promise.resolve(undefined) : openRecord(recordKey, at, bytes);
  const seal = async ({ key, value }: SealedWrite): Promise<RecordWrite> => ({
    key,
    value: value === undefined ? undefined : await sealRecord(recordKey, key, value, random),
  });
  const getMany = async <Value>(keys: readonly ValueKey<Value>[]): Promise<(Value | undefined)[]> => {
    const found = await records.get(keys.map(({ key }) => key));
    const values = await Promise.all(keys.map(({ key }, at) => open(key, found[at])));
    return values as (Value | undefined)[];
  };
  return {
    async get(key) {
      return (await getMany([key]))[0];
    },
    getMany,
    async range<Value>({ range }: ValueRange<Value>) {
      const found = await records.range(range);
      const values = await Promise.all(found.map(({ key, value }) => open(key, value)));
      return found.map(({ key }, at) => ({ key, value: values[at] as Value }));
    },
    step: createStepQueue(records, (writes) => Promise.all(writes.map(seal))),
    wipe: () => records.wipe(),
    close: () => records.close(),
  };
}

interface WaitingStep {
  readonly writes: readonly SealedWrite[];
  readonly landed: PromiseWithResolvers<void>;
}

/** One transaction at a time, in order: a step must not be overtaken by one that builds on it. */
function createStepQueue(
  records: RecordStore,
  seal: (writes: readonly SealedWrite[]) => Promise<RecordWrite[]>,
): SealedStore['step'] {
  let waiting: WaitingStep[] = [];
  let writing = false;

  async function drain(): Promise<void> {
    writing = true;
    while (waiting.length > 0) {
      const together = waiting;
      waiting = [];
      try {
        await records.commit(await seal(lastWrites(together)));
        for (const step of together) step.landed.resolve();
      } catch (error) {
        for (const step of [...together, ...waiting]) step.landed.reject(error);
        waiting = [];
      }
    }
    writing = false;
  }

  return (writes) => {
    const step = { writes, landed: Promise.withResolvers<void>() };
    waiting.push(step);
    if (!writing) void drain();
    return step.landed.promise;
  };
}

/** What stands at the end: of many writes of one key only the last is sealed, and state is in every step. */
function lastWrites(steps: readonly WaitingStep[]): SealedWrite[] {
  const writeByKey = new Map<string, SealedWrite>();
  for (const { writes } of steps) for (const write of writes) writeByKey.set(canonicalKey(write.key), write);
  return [...writeByKey.values()];
}
