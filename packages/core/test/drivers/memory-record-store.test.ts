import { describe, expect, it } from 'vitest';
import { createMemoryDisk } from '../../src/drivers/memory-record-store.ts';
import { RECORD_STORE_CONTRACT } from '../store/record-store-contract.ts';

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));

describe('memory record store', () => {
  for (const { name, run } of RECORD_STORE_CONTRACT) it(name, () => run(createMemoryDisk({ random })));

  it('[VAULT8] answers quota when there is no room, and writes nothing of that commit', async () => {
    const store = await createMemoryDisk({ random, capacity: 10 }).open();
    await store.commit([{ key: ['a'], value: new Uint8Array(8) }]);
    const tooMuch = [
      { key: ['b'] as const, value: new Uint8Array(1) },
      { key: ['c'] as const, value: new Uint8Array(2) },
    ];
    await expect(store.commit(tooMuch)).rejects.toMatchObject({ code: 'quota' });
    expect(await store.get([['b'], ['c']])).toEqual([undefined, undefined]);
    await store.commit([{ key: ['a'], value: undefined }, ...tooMuch]);
    expect(await store.get([['c']])).toEqual([new Uint8Array(2)]);
  });
});
