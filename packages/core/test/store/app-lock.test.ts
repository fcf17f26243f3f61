import { describe, expect, it } from 'vitest';
import { createMemoryDisk, type MemoryDisk } from '../../src/drivers/memory-record-store.ts';
import { lockMinutes, openLock, removeLock, setLock, setLockPasskey } from '../../src/store/app-lock.ts';
import { collection } from '../../src/store/collections.ts';
import { listPasskeys } from '../../src/store/lock-slots.ts';
import { type LockSlots, type RecordStore, StoreError } from '../../src/store/record-store.ts';
import { makeRootKey } from '../../src/store/root-key.ts';
import { deriveRecordKey, openRecord } from '../../src/store/sealed-record.ts';
import { createSealedStore, type SealedStore } from '../../src/store/sealed-store.ts';

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
const notes = collection<readonly [person: string, index: number], { text: string }>('notes');
const EVERYTHING = { from: [''], to: ['\uffff'] } as const;
const PASSPHRASE = 'seven green herons';
const lock = { passphrase: PASSPHRASE, minutes: 5 };

const write = (store: SealedStore, index: number, text = `note ${index}`) =>
  store.step([notes.put(['alice', index], { text })]);
const texts = async (store: SealedStore) =>
  (await store.range(notes.range(['alice']))).map(({ value }) => value.text);

/** A store with a long record, which is folded, and some short ones, which lie in the journal. */
async function setUp(disk = createMemoryDisk({ random }), records?: RecordStore) {
  const opened = records ?? (await disk.open());
  const store = await createSealedStore(opened, random);
  await store.step([notes.put(['alice', 0], { text: 'x'.repeat(20_000) })]);
  for (const index of [1, 2, 3]) await write(store, index);
  return { disk, records: opened, store, all: ['x'.repeat(20_000), 'note 1', 'note 2', 'note 3'] };
}

async function slotsOf(records: RecordStore): Promise<LockSlots> {
  const root = await records.rootKey();
  if (!(root instanceof Uint8Array)) throw new Error('not locked');
  return root;
}

/** After a restart; undefined when the proof does not open it. */
async function reopen(disk: MemoryDisk, passphrase = PASSPHRASE): Promise<SealedStore | undefined> {
  const records = await disk.open();
  const root = await openLock(await slotsOf(records), { way: 'passphrase', passphrase });
  return root === undefined ? undefined : await createSealedStore(records, random, undefined, root);
}

describe('app lock', () => {
  it('[VAULT41] opens after a restart with the passphrase alone, and everything is there', async () => {
    const { disk, store, all } = await setUp();
    await setLock(store, lock, random);
    expect(await texts(store)).toEqual(all);
    await write(store, 4);
    await expect(disk.open().then((records) => createSealedStore(records, random))).rejects.toMatchObject({
      code: 'locked',
    });
    const opened = await reopen(disk);
    expect(opened && (await texts(opened))).toEqual([...all, 'note 4']);
    expect(opened && (await lockMinutes(opened))).toBe(5);
  });

  it('[VAULT41] leaves nothing that the key before would open, and everything under the new one', async () => {
    const { disk, records, store } = await setUp();
    const before = await records.rootKey();
    if (before instanceof Uint8Array) throw new Error('locked already');
    const old = await deriveRecordKey(before);
    await setLock(store, lock, random);
    const left = await (await disk.open()).range(EVERYTHING);
    expect(left.map(({ key }) => key)).toEqual([
      ['lock'],
      ...[0, 1, 2, 3].map((at) => ['notes', 'alice', at]),
    ]);
    for (const { key, value } of left)
      await expect(openRecord(old, key, value)).rejects.toMatchObject({ code: 'not_authentic' });
  });

  it('[VAULT41] a crash while it is turned on leaves all as it was, or all under the lock', async () => {
    for (const when of ['before', 'after'] as const) {
      const disk = createMemoryDisk({ random });
      const records = await disk.open();
      let dying = false;
      const { store, all } = await setUp(disk, {
        ...records,
        async commit(writes, root) {
          if (dying && when === 'before') throw new StoreError('failed');
          await records.commit(writes, root);
          if (dying) throw new StoreError('failed');
        },
      });
      dying = true;
      await expect(setLock(store, lock, random)).rejects.toMatchObject({ code: 'failed' });
      const reopened =
        when === 'before' ? await createSealedStore(await disk.open(), random) : await reopen(disk);
      expect(reopened && (await texts(reopened))).toEqual(all);
      expect(reopened && (await lockMinutes(reopened))).toBe(when === 'before' ? undefined : 5);
    }
  });

  it('[VAULT41] without room it stays off, and everything goes on', async () => {
    const disk = createMemoryDisk({ random });
    const records = await disk.open();
    const { store, all } = await setUp(disk, {
      ...records,
      async commit(writes, root) {
        if (root !== undefined) throw new StoreError('quota');
        await records.commit(writes);
      },
    });
    await expect(setLock(store, lock, random)).rejects.toMatchObject({ code: 'quota' });
    expect(await texts(store)).toEqual(all);
    await store.step([notes.remove('alice', 0)]);
    expect(await lockMinutes(store)).toBeUndefined();
  });

  it('[VAULT41] what is read and written while it is turned on is neither lost nor taken for altered', async () => {
    const { disk, store, all } = await setUp();
    const turnedOn = setLock(store, lock, random);
    const read: Promise<string[]>[] = [];
    let done = false;
    void turnedOn.finally(() => {
      done = true;
    });
    for (let index = 4; !done; index = Math.min(index + 1, 9)) {
      read.push(texts(store));
      await write(store, index);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await turnedOn;
    await write(store, 10);
    for (const seen of await Promise.all(read)) expect(seen.slice(0, 4)).toEqual(all);
    const opened = await reopen(disk);
    expect(opened && (await texts(opened))).toEqual(await texts(store));
    expect((await texts(store)).at(-1)).toBe('note 10');
  });

  it('[VAULT41] what was read before the keys changed opens, however late it comes', async () => {
    const disk = createMemoryDisk({ random });
    const records = await disk.open();
    const late = Promise.withResolvers<void>();
    let slow = false;
    const { store, all } = await setUp(disk, {
      ...records,
      async range(asked) {
        const found = await records.range(asked);
        if (slow && asked.from[0] === 'notes') await late.promise;
        return found;
      },
    });
    slow = true;
    const read = texts(store);
    const resealed = store.reseal(await makeRootKey(random), Uint8Array.of(1), []);
    const waited = async () => {
      for (let round = 0; round < 200; round++) await new Promise((resolve) => setImmediate(resolve));
    };
    await Promise.race([resealed, waited()]);
    late.resolve();
    expect(await read).toEqual(all);
    await resealed;
    expect(await texts(store)).toEqual(all);
  });

  it('[VAULT44] another passphrase takes the place of the first, and passkeys stay', async () => {
    const { disk, records, store, all } = await setUp();
    await setLock(store, lock, random);
    const passkey = { credential: random(32), prf: random(32) };
    expect(await setLockPasskey(store, passkey, random)).toBe(true);
    await setLock(store, { passphrase: 'nine grey herons', minutes: 30 }, random);
    expect(await reopen(disk)).toBeUndefined();
    const opened = await reopen(disk, 'nine grey herons');
    expect(opened && (await texts(opened))).toEqual(all);
    expect(opened && (await lockMinutes(opened))).toBe(30);
    expect(listPasskeys(await slotsOf(records))).toEqual([passkey.credential]);
    const byPasskey = await openLock(await slotsOf(records), { way: 'passkey', ...passkey });
    const again = await createSealedStore(await disk.open(), random, undefined, byPasskey);
    expect(await texts(again)).toEqual(all);
  });

  it('[VAULT44] a passkey gets another slot in the place of its own, and none without a lock or an output', async () => {
    const { records, store } = await setUp();
    const passkey = { credential: random(32), prf: random(32) };
    expect(await setLockPasskey(store, passkey, random)).toBe(false);
    await setLock(store, lock, random);
    expect(await setLockPasskey(store, { ...passkey, prf: random(31) }, random)).toBe(false);
    await setLockPasskey(store, passkey, random);
    const renewed = { ...passkey, prf: random(32) };
    await setLockPasskey(store, renewed, random);
    const slots = await slotsOf(records);
    expect(listPasskeys(slots)).toEqual([passkey.credential]);
    expect(await openLock(slots, { way: 'passkey', ...passkey })).toBeUndefined();
    expect(await openLock(slots, { way: 'passkey', ...renewed })).toBeDefined();
    for (let more = 0; more < 19; more++)
      expect(await setLockPasskey(store, { credential: random(32), prf: random(32) }, random)).toBe(true);
    const oneTooMany = { credential: random(32), prf: random(32) };
    expect(await setLockPasskey(store, oneTooMany, random)).toBe(false);
  });

  it('[VAULT44] turned off, it opens by itself again; turned on again, under another secret', async () => {
    const { disk, store, all } = await setUp();
    await setLock(store, lock, random);
    await removeLock(store);
    const open = await createSealedStore(await disk.open(), random);
    expect(await texts(open)).toEqual(all);
    expect(await lockMinutes(open)).toBeUndefined();
    const before = await (await disk.open()).range(EVERYTHING);
    await removeLock(open);
    const again = await createSealedStore(await disk.open(), random);
    await setLock(again, lock, random);
    const opened = await reopen(disk);
    expect(opened && (await texts(opened))).toEqual(all);
    const after = await (await disk.open()).range(EVERYTHING);
    const bytesOf = (found: typeof before) => found.map(({ value }) => Buffer.from(value).toString('hex'));
    expect(bytesOf(after).filter((value) => bytesOf(before).includes(value))).toEqual([]);
  });
});
