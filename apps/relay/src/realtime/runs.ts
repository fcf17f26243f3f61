import { type Entry, entrySize, LIMITS } from '@sotto/protocol';

/** Entries in the order of their log as runs: none has a gap, and each is within what a reader accepts. */
export function splitRuns(entries: readonly Entry[]): Entry[][] {
  const runs: Entry[][] = [];
  let size = 0;
  for (const entry of entries) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    const fits =
      last !== undefined &&
      last.seq + 1 === entry.seq &&
      run !== undefined &&
      run.length < LIMITS.runEntries &&
      size < LIMITS.run;
    size = (fits ? size : 0) + entrySize(entry);
    if (fits) run.push(entry);
    else runs.push([entry]);
  }
  return runs;
}
