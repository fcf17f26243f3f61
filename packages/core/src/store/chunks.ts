import type { Collection } from './collections.ts';
import type { SealedStore } from './sealed-store.ts';

/**
 * A run of lines with neighbouring indexes, in one record under the index of its first: the lines that one step wrote.
 * A thread of 10,000 lines received in batches is a few hundred records, and a single line costs one.
 */
interface Chunk<Line> {
  readonly lines: readonly Line[];
}

export type ChunkCollection<Line> = Collection<readonly [thread: string, first: number], Chunk<Line>>;

/**
 * Lines `from` … `from + count − 1` of a thread whose chunks are dense from 0; fewer at the end. Two reads, whatever the
 * length of the thread.
 */
export async function readLines<Line>(
  store: Pick<SealedStore, 'range'>,
  chunks: ChunkCollection<Line>,
  thread: string,
  from: number,
  count: number,
): Promise<Line[]> {
  if (count <= 0) return [];
  const [covering, rest] = await Promise.all([
    store.range(chunks.range([thread], { to: from + 1, limit: 1, reverse: true })),
    store.range(chunks.range([thread], { from: from + 1, to: from + count })),
  ]);
  const found = [...covering, ...rest];
  const first = found[0]?.key[2];
  if (typeof first !== 'number') return [];
  const lines = found.flatMap((record) => record.value.lines);
  return lines.slice(from - first, from - first + count);
}

/** The chunk that holds line `index`, to change it: put it back under `first`. Undefined past the end. */
export async function findChunk<Line>(
  store: Pick<SealedStore, 'range'>,
  chunks: ChunkCollection<Line>,
  thread: string,
  index: number,
): Promise<{ readonly first: number; readonly lines: readonly Line[] } | undefined> {
  const [found] = await store.range(chunks.range([thread], { to: index + 1, limit: 1, reverse: true }));
  const first = found?.key[2];
  if (found === undefined || typeof first !== 'number') return undefined;
  return index < first + found.value.lines.length ? { first, lines: found.value.lines } : undefined;
}
