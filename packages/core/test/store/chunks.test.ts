import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMemoryDisk } from '../../src/drivers/memory-record-store.ts';
import { type ChunkCollection, findChunk, readLines } from '../../src/store/chunks.ts';
import { collection } from '../../src/store/collections.ts';
import { createSealedStore } from '../../src/store/sealed-store.ts';

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
const chunks: ChunkCollection<number> = collection('lines');

describe('chunks of lines', () => {
  it('[VAULT13] reads any window of a thread, however its lines were grouped', async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 8 });
    const window = fc.tuple(fc.nat(60), fc.nat(60));
    await fc.assert(
      fc.asyncProperty(sizes, window, async (groups, [from, count]) => {
        const store = await createSealedStore(await createMemoryDisk({ random }).open(), random);
        const all: number[] = [];
        for (const size of groups) {
          const lines = Array.from({ length: size }, (_, at) => all.length + at);
          await store.step([
            chunks.put(['alice', all.length], { lines }),
            chunks.put(['bob', 0], { lines: [-1] }),
          ]);
          all.push(...lines);
        }
        expect(await readLines(store, chunks, 'alice', from, count)).toEqual(all.slice(from, from + count));
        const chunk = await findChunk(store, chunks, 'alice', from);
        expect(chunk?.lines[from - chunk.first]).toBe(all[from]);
      }),
      { numRuns: 60 },
    );
  });
});
