import { IDBFactory, IDBKeyRange } from 'fake-indexeddb';
import { describe, expect, it, vi } from 'vitest';
import { openIndexedDbRecordStore } from '../../src/drivers/indexeddb-record-store.ts';
import { RECORD_STORE_CONTRACT } from '../store/record-store-contract.ts';

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));

// The stand-in checks the driver's logic in Node; durability and real quota errors are the browser test's.
vi.stubGlobal('IDBKeyRange', IDBKeyRange);

function disk() {
  const factory = new IDBFactory();
  return { factory, open: () => openIndexedDbRecordStore({ name: 'alice', random, factory }) };
}

describe('IndexedDB record store', () => {
  for (const { name, run } of RECORD_STORE_CONTRACT) it(name, () => run(disk()));

  it('[VAULT40] takes up a database from before there was a lock, and lets no program of that time open it again', async () => {
    const factory = new IDBFactory();
    const upgraded = (version: number) =>
      new Promise<string>((resolve) => {
        const request = factory.open('alice', version);
        request.onupgradeneeded = () => {
          for (const name of ['records', 'meta']) request.result.createObjectStore(name);
        };
        request.onsuccess = () => {
          request.result.close();
          resolve('opened');
        };
        request.onerror = () => resolve(String(request.error?.name));
      });
    expect(await upgraded(1)).toBe('opened');
    const store = await openIndexedDbRecordStore({ name: 'alice', random, factory });
    await store.commit([{ key: ['a'], value: Uint8Array.of(1) }], Uint8Array.of(2));
    expect(await store.rootKey()).toEqual(Uint8Array.of(2));
    await store.close();
    expect(await upgraded(1)).toBe('VersionError');
  });

  it('[VAULT40] opens although a tab of that time is open: it lets go, and what it wrote is there', async () => {
    const factory = new IDBFactory();
    const old = await new Promise<IDBDatabase>((resolve) => {
      const request = factory.open('alice', 1);
      request.onupgradeneeded = () => {
        for (const name of ['records', 'meta']) request.result.createObjectStore(name);
      };
      request.onsuccess = () => resolve(request.result);
    });
    let isOpen = true;
    // As programs of version 1 do.
    old.onversionchange = () => {
      isOpen = false;
      old.close();
    };
    const put = old.transaction('records', 'readwrite').objectStore('records').put(Uint8Array.of(7), ['a']);
    await new Promise((resolve) => {
      put.onsuccess = resolve;
    });
    const store = await openIndexedDbRecordStore({ name: 'alice', random, factory });
    expect(isOpen).toBe(false);
    expect(() => old.transaction('records', 'readwrite')).toThrow();
    expect(await store.get([['a']])).toEqual([Uint8Array.of(7)]);
    await store.commit([{ key: ['a'], value: Uint8Array.of(8) }]);
    expect(await store.get([['a']])).toEqual([Uint8Array.of(8)]);
  });

  it('[VAULT8] answers quota when the browser has no room, and writes nothing of that commit', async () => {
    const { factory, open } = disk();
    const store = await open();
    await store.commit([{ key: ['a'], value: new Uint8Array(1) }]);
    const put = vi.spyOn(Object.getPrototypeOf(await objectStore(factory)), 'put');
    put.mockImplementation(() => {
      throw new DOMException('full', 'QuotaExceededError');
    });
    await expect(store.commit([{ key: ['b'], value: new Uint8Array(1) }])).rejects.toMatchObject({
      code: 'quota',
    });
    put.mockRestore();
    expect(await store.get([['a'], ['b']])).toEqual([new Uint8Array(1), undefined]);
  });
});

function objectStore(factory: IDBFactory): Promise<IDBObjectStore> {
  return new Promise((resolve) => {
    const request = factory.open('alice');
    request.onsuccess = () => {
      resolve(request.result.transaction('records').objectStore('records'));
      request.result.close();
    };
  });
}
