/** Runs the store's contract in a worker of a real browser, on the real IndexedDB. */
import { openIndexedDbRecordStore } from '../../src/drivers/indexeddb-record-store.ts';
import { collection } from '../../src/store/collections.ts';
import { createSealedStore } from '../../src/store/sealed-store.ts';
import { type ContractDisk, RECORD_STORE_CONTRACT } from '../store/record-store-contract.ts';

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
const diskOf = (name: string): ContractDisk => ({ open: () => openIndexedDbRecordStore({ name, random }) });
const blobs = collection<readonly [number], Uint8Array>('blobs');

/** Each answers with what its test expects. */
const STORIES: Readonly<Record<string, () => Promise<unknown>>> = {
  ...Object.fromEntries(
    RECORD_STORE_CONTRACT.map(({ name, run }, at) => [name, () => run(diskOf(`contract ${at}`))]),
  ),

  /** Fills the store until the browser has no more room; what was acknowledged is still there and opens. */
  async quota() {
    const store = await createSealedStore(await diskOf('quota').open(), random);
    for (let kept = 0; kept < 200; kept++) {
      try {
        await store.step([blobs.put([kept], largeBlob())]);
      } catch (error) {
        const opened = await store.range(blobs.range([]));
        return { code: (error as { code?: unknown }).code, lost: kept - opened.length };
      }
    }
    return 'never full';
  },

  async write() {
    const store = await createSealedStore(await diskOf('kept').open(), random);
    await store.step([blobs.put([1], Uint8Array.of(7))]);
    return 'written';
  },

  async read() {
    const store = await createSealedStore(await diskOf('kept').open(), random);
    return [...((await store.get(blobs.key(1))) ?? [])];
  },
};

function largeBlob(): Uint8Array {
  const blob = new Uint8Array(1024 * 1024);
  for (let at = 0; at < blob.length; at += 65_536) blob.set(random(65_536), at);
  return blob;
}

self.addEventListener('message', ({ data }: MessageEvent<string>) => {
  const story = STORIES[data];
  if (story === undefined) self.postMessage({ error: `no story ${data}` });
  else
    story().then(
      (value) => self.postMessage({ value }),
      (error: unknown) => self.postMessage({ error: String(error) }),
    );
});
