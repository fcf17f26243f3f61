import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMemoryDisk } from '../../src/drivers/memory-record-store.ts';
import { collection } from '../../src/store/collections.ts';
import type { RecordStore } from '../../src/store/record-store.ts';
import { createSealedStore } from '../../src/store/sealed-store.ts';

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
const notes = collection<
  readonly [person: string, index: number],
  { text: string; seen?: boolean | undefined }
>('notes');
const counters = collection<readonly [], number>('counters');

async function setUp() {
  const disk = createMemoryDisk({ random });
  const records = await disk.open();
  let idle: (() => void) | undefined;
  const after = (_ms: number, callback: () => void) => {
    idle = callback;
    return () => {
      idle = undefined;
    };
  };
  const store = await createSealedStore(records, random, { after });
  /** Plays that nothing happened for a while. */
  const rest = async () => {
    await store.get(counters.key());
    idle?.();
    await store.step([]);
  };
  return { disk, records, store, rest };
}

describe('sealed store', () => {
  it('[VAULT9] gives back what a step put, by key, by keys and by range', async () => {
    const { store } = await setUp();
    await store.step([
      notes.put(['alice', 1], { text: 'one', seen: undefined }),
      notes.put(['alice', 2], { text: 'two', seen: true }),
      notes.put(['alice2', 1], { text: 'not hers' }),
      counters.put([], 7),
    ]);
    expect(await store.get(notes.key('alice', 1))).toEqual({ text: 'one' });
    expect(await store.getMany([counters.key()])).toEqual([7]);
    const texts = (await store.range(notes.range(['alice']))).map(({ value }) => value.text);
    expect(texts).toEqual(['one', 'two']);
    const from = await store.range(notes.range(['alice'], { from: 2 }));
    expect(from.map(({ key }) => key)).toEqual([['notes', 'alice', 2]]);
    expect((await store.range(notes.range([]))).length).toBe(3);
    expect((await store.range(notes.range(['alice', 1]))).length).toBe(1);
    await store.step([notes.remove('alice', 1)]);
    expect(await store.get(notes.key('alice', 1))).toBeUndefined();
  });

  it('[VAULT10] leaves no plaintext on the disk, and the same value twice looks different', async () => {
    const { records, store, rest } = await setUp();
    await store.step([
      notes.put(['alice', 1], { text: 'meet me' }),
      notes.put(['alice', 2], { text: 'meet me' }),
    ]);
    const [entry] = await records.range({ from: ['journal'], to: ['journam'] });
    expect(new TextDecoder('latin1').decode(entry?.value)).not.toContain('meet');
    await rest();
    const [one, two] = await records.range({ from: ['notes'], to: ['notet'] });
    expect(new TextDecoder('latin1').decode(one?.value)).not.toContain('meet');
    expect(one?.value).not.toEqual(two?.value);
  });

  it('[VAULT11] refuses a record moved to another key', async () => {
    const { records, store, rest } = await setUp();
    await store.step([notes.put(['alice', 1], { text: 'a' }), notes.put(['bob', 1], { text: 'b' })]);
    await rest();
    const [alices] = await records.get([notes.key('alice', 1).key]);
    await records.commit([{ key: notes.key('bob', 1).key, value: alices }]);
    await expect(store.get(notes.key('bob', 1))).rejects.toMatchObject({
      code: 'not_authentic',
      collection: 'notes',
    });
    await expect(store.range(notes.range([]))).rejects.toMatchObject({ code: 'not_authentic' });
  });

  it('[VAULT11] refuses a record with any bit changed, cut or made longer', async () => {
    const { records, store, rest } = await setUp();
    const { key } = counters.key();
    await store.step([counters.put([], 7)]);
    await rest();
    const whole = await only(records, key);
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length * 8 - 1), async (bit) => {
        const changed = whole.slice();
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        await records.commit([{ key, value: changed }]);
        await expect(store.get(counters.key())).rejects.toMatchObject({
          code: bit < 8 ? 'format_unknown' : 'not_authentic',
        });
      }),
    );
    await records.commit([{ key, value: whole.subarray(0, 28) }]);
    await expect(store.get(counters.key())).rejects.toMatchObject({ code: 'too_short' });
    await records.commit([{ key, value: Uint8Array.from([...whole, 0]) }]);
    await expect(store.get(counters.key())).rejects.toMatchObject({ code: 'not_authentic' });
  });

  it('[VAULT11] refuses the record of another store', async () => {
    const { records, store } = await setUp();
    const other = await setUp();
    await other.store.step([counters.put([], 1)]);
    await other.rest();
    await records.commit([{ key: counters.key().key, value: await only(other.records, counters.key().key) }]);
    await expect(store.get(counters.key())).rejects.toMatchObject({ code: 'not_authentic' });
  });

  it('[VAULT12] lands steps in the order they were asked, however long each takes to seal', async () => {
    const { store } = await setUp();
    const large = 'x'.repeat(1_000_000);
    await Promise.all([
      store.step([notes.put(['alice', 1], { text: large })]),
      store.step([notes.put(['alice', 1], { text: 'last' })]),
    ]);
    expect(await store.get(notes.key('alice', 1))).toEqual({ text: 'last' });
  });

  it('[VAULT12] fails the steps that wait behind a failed one, and takes new ones afterwards', async () => {
    const records = await createMemoryDisk({ random, capacity: 500 }).open();
    const store = await createSealedStore(records, random);
    const first = store.step([counters.put([], 1)]);
    const full = store.step([notes.put(['alice', 1], { text: 'x'.repeat(1000) })]);
    const behind = store.step([counters.put([], 2)]);
    await first;
    await expect(full).rejects.toMatchObject({ code: 'quota' });
    await expect(behind).rejects.toMatchObject({ code: 'quota' });
    expect(await store.get(counters.key())).toBe(1);
    await store.step([counters.put([], 3)]);
    expect(await store.get(counters.key())).toBe(3);
  });

  it('[VAULT12] writes steps that wait together in one transaction', async () => {
    const { records } = await setUp();
    let commits = 0;
    const counting: RecordStore = {
      ...records,
      commit(writes) {
        commits += 1;
        return records.commit(writes);
      },
    };
    const store = await createSealedStore(counting, random);
    await Promise.all(Array.from({ length: 20 }, (_, at) => store.step([counters.put([], at)])));
    expect(commits).toBeLessThanOrEqual(2);
    expect(await store.get(counters.key())).toBe(19);
  });
});

async function only(
  records: RecordStore,
  key: readonly [string, ...(string | number)[]],
): Promise<Uint8Array> {
  const [value] = await records.get([key]);
  if (value === undefined) throw new Error('no record');
  return value;
}
