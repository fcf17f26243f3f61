import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMemoryDisk } from '../../src/drivers/memory-record-store.ts';
import { collection } from '../../src/store/collections.ts';
import { compareKeys } from '../../src/store/record-key.ts';
import type { RecordKey, RecordStore, RecordWrite } from '../../src/store/record-store.ts';
import { createSealedStore, type SealedStore } from '../../src/store/sealed-store.ts';

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
const notes = collection<readonly [person: string, index: number], number>('notes');
const blobs = collection<readonly [], Uint8Array>('blobs');
const journal = { from: ['journal'], to: ['journam'] } as const;

/** A store and what it ought to hold. */
interface World {
  store: SealedStore;
  readonly model: Map<string, { readonly key: RecordKey; readonly value: number }>;
  restart(): Promise<void>;
  rest(): void;
}

async function createWorld(): Promise<World> {
  const disk = createMemoryDisk({ random });
  let idle: () => void = () => undefined;
  const clock = {
    after(_ms: number, callback: () => void) {
      idle = callback;
      return () => undefined;
    },
  };
  const open = async () => createSealedStore(await disk.open(), random, clock);
  const world: World = {
    store: await open(),
    model: new Map(),
    async restart() {
      world.store = await open();
    },
    rest: () => idle(),
  };
  return world;
}

type Operation = (world: World) => Promise<void>;
const person = fc.constantFrom('alice', 'bob');
const bound = fc.option(fc.nat(4), { nil: undefined });
const write = fc.record({ person, index: fc.nat(3), value: fc.option(fc.nat(), { nil: undefined }) });

const steps = fc.array(write, { maxLength: 4 }).map(
  (writes): Operation =>
    async ({ store, model }) => {
      const asked = writes.map((one) => {
        const { key } = notes.key(one.person, one.index);
        if (one.value === undefined) model.delete(String(key));
        else model.set(String(key), { key, value: one.value });
        return { key, value: one.value };
      });
      await store.step(asked);
    },
);

const ranges = fc
  .record({
    person,
    from: bound,
    to: bound,
    limit: fc.option(fc.nat(3), { nil: undefined }),
    reverse: fc.boolean(),
  })
  .map(
    (asked): Operation =>
      async ({ store, model }) => {
        const { from = 0, to = 99, limit, reverse } = asked;
        const wanted = [...model.values()]
          .filter(({ key: [, who, at] }) => who === asked.person && Number(at) >= from && Number(at) < to)
          .sort((a, b) => (reverse ? compareKeys(b.key, a.key) : compareKeys(a.key, b.key)));
        expect(await store.range(notes.range([asked.person], asked))).toEqual(wanted.slice(0, limit));
      },
  );

const others = fc.constantFrom<Operation>(
  (world) => world.restart(),
  async (world) => world.rest(),
  ({ store }) => store.step([blobs.put([], random(20_000))]),
);
const operation = fc.oneof(
  { weight: 5, arbitrary: steps },
  { weight: 3, arbitrary: ranges },
  { weight: 2, arbitrary: others },
);

describe('journal of small steps', () => {
  it('[VAULT14] reads as if every step had written its records, across restarts and folds', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 40 }), async (operations) => {
        const world = await createWorld();
        for (const perform of operations) await perform(world);
        const all = [...world.model.values()];
        const found = await world.store.getMany(all.map(({ key }) => ({ key })));
        expect(found).toEqual(all.map(({ value }) => value));
      }),
      { numRuns: 150 },
    );
  });

  it('[VAULT14] finds what stands behind a record that the journal hides', async () => {
    const { store } = await createWorld();
    const all = [1, 2, 3].map((at) => notes.put(['alice', at], at));
    await store.step([...all, blobs.put([], random(20_000))]);
    await store.step([notes.remove('alice', 1)]);
    const first = await store.range(notes.range(['alice'], { limit: 1 }));
    expect(first.map(({ value }) => value)).toEqual([2]);
  });

  it('[VAULT14] writes a small step as one record, and folds many into theirs', async () => {
    const disk = createMemoryDisk({ random });
    const records = await disk.open();
    const commits: number[] = [];
    const counting: RecordStore = {
      ...records,
      commit(writes) {
        commits.push(writes.length);
        return records.commit(writes);
      },
    };
    const store = await createSealedStore(counting, random);
    for (let at = 0; at < 32; at++)
      await store.step([notes.put(['alice', at], at), notes.put(['bob', 0], at)]);
    expect(commits).toEqual(Array.from({ length: 32 }, () => 1));
    await store.step([notes.put(['alice', 32], 32)]);
    expect(commits.at(-1)).toBe(1 + 34);
    expect(await records.range(journal)).toEqual([]);
    expect((await records.range({ from: ['notes'], to: ['notet'] })).length).toBe(34);
  });

  it('[VAULT15] leaves nothing of a used value on disk once nothing happened for a while', async () => {
    const records = await createMemoryDisk({ random }).open();
    let idle: () => void = () => undefined;
    const store = await createSealedStore(records, random, {
      after(ms, callback) {
        expect(ms).toBeLessThanOrEqual(500);
        idle = callback;
        return () => undefined;
      },
    });
    await store.step([notes.put(['alice', 1], 1)]);
    await store.step([notes.remove('alice', 1)]);
    expect((await records.range(journal)).length).toBe(2);
    await store.get(notes.key('alice', 1));
    idle();
    await store.step([]);
    expect(await records.range({ from: ['a'], to: ['z'] })).toEqual([]);
  });

  it('[VAULT11] refuses to open when an entry of the journal was taken out, altered or moved', async () => {
    const disk = createMemoryDisk({ random });
    const store = await createSealedStore(await disk.open(), random);
    for (let at = 0; at < 3; at++) await store.step([notes.put(['alice', at], at)]);
    const records = await disk.open();
    const entries = await records.range(journal);
    const [first, second, third] = entries.map(({ key }) => key);
    const refuses = async (writes: RecordWrite[], code: string) => {
      await records.commit(writes);
      await expect(createSealedStore(records, random)).rejects.toMatchObject({ code, collection: 'journal' });
      await records.commit(entries);
    };
    await refuses([{ key: second!, value: undefined }], 'malformed');
    await refuses([{ key: second!, value: entries[0]!.value }], 'not_authentic');
    await refuses([{ key: third!, value: random(60) }], 'format_unknown');
    await refuses(
      [
        { key: first!, value: undefined },
        { key: second!, value: undefined },
        { key: ['journal', 'x'], value: random(60) },
      ],
      'malformed',
    );
  });

  it('[VAULT14] keeps nothing of a step that failed', async () => {
    const disk = createMemoryDisk({ random });
    const store = await createSealedStore(await disk.open(), random);
    await store.step([notes.put(['alice', 1], 1)]);
    const next = await createSealedStore(await disk.open(), random);
    await expect(store.step([notes.put(['alice', 1], 2)])).rejects.toMatchObject({ code: 'fenced' });
    expect(await store.get(notes.key('alice', 1))).toBe(1);
    expect(await next.get(notes.key('alice', 1))).toBe(1);
  });
});
