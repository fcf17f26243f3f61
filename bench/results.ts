import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeMachine, type Machine } from './machine.ts';

export type Row = Readonly<Record<string, string | number | boolean | undefined>>;

/** What a bench leaves in `bench/results/<name>.json`. */
export interface Result {
  readonly name: string;
  /** ISO 8601. */
  readonly at: string;
  readonly machine: Machine;
  readonly rows: readonly Row[];
}

/** Prints the rows as a table and writes them to `bench/results/<name>.json`. */
export function report(name: string, rows: readonly Row[]): void {
  console.log(`\n${name}`);
  console.table(rows);
  const folder = join(import.meta.dirname, 'results');
  mkdirSync(folder, { recursive: true });
  const result: Result = { name, at: new Date().toISOString(), machine: describeMachine(), rows };
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(result, undefined, 2)}\n`);
}

/** The middle value; of an even count the lower of the two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}
