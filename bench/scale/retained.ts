// What it costs to keep much: appends beside 10⁴, 10⁵ and 10⁶ stored entries, and a start with all of them.
import { type ChildProcess, spawn } from 'node:child_process';
import { hash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openSqliteStores } from '@sotto/relay/testing';
import { median, type Row } from '../results.ts';
import { drawChart } from './chart.ts';
import { row } from './row.ts';

const SIZES = [10_000, 100_000, 1_000_000];
const ENTRIES_A_LOG = 1000;
/** Rounds go through all sizes, so that a busy moment of the machine is in all of them. */
const ROUNDS = 30;
const APPENDS = 20;
/** As many as come together where many people write. */
const TOGETHER = 1000;
const STARTS = 5;
const TOKEN = Buffer.alloc(32, 5);
const SHOWN = hash('sha256', TOKEN, 'buffer');
const MAIN = fileURLToPath(import.meta.resolve('@sotto/relay/main'));

type Stores = ReturnType<typeof openSqliteStores>;
type AppendMessage = Parameters<Stores['logs']['appendMessage']>[0];

interface Filled {
  readonly size: number;
  readonly folder: string;
  readonly logs: readonly Buffer[];
  readonly stores: Stores;
  readonly times: number[];
}

export async function measureRetained(cache: string): Promise<Row[]> {
  const all: Filled[] = [];
  for (const size of SIZES) all.push(await fill(join(cache, String(size)), size));
  for (let round = 0; round < ROUNDS; round++) for (const filled of all) await appendSome(filled);
  for (const { stores } of all) await stores.close();
  const medians = all.map(({ times }) => median(times));
  const [few, many] = await compareStarts(all.at(0)?.folder ?? '', all.at(-1)?.folder ?? '');
  drawChart({
    name: 'scale-append',
    title: 'One append until it is on disk, beside entries stored',
    unit: 'ms (median)',
    bars: SIZES.map((size, n) => ({ label: size.toLocaleString('en'), value: medians[n] ?? 0 })),
  });
  return [
    ...SIZES.map((size, n) =>
      row(`append beside ${size.toLocaleString('en')} entries, SQLite: median`, medians[n] ?? 0, 'ms'),
    ),
    row('append at 1,000,000 entries over 10,000: median', (medians[2] ?? 0) / (medians[0] ?? 1), 'times', {
      atMost: 1.2,
    }),
    row('start beside 10,000 entries until ready, whole process', few, 's'),
    row('start beside 1,000,000 entries until ready, whole process', many, 's', { atMost: 2 }),
  ];
}

/** Seconds, in the middle of some; in turn, and the first of each does not count. */
async function compareStarts(...folders: [string, string]): Promise<[number, number]> {
  const times: [number[], number[]] = [[], []];
  for (let n = 0; n <= STARTS; n++) {
    for (const place of [0, 1] as const) {
      const passed = await timeStart(folders[place]);
      if (n > 0) times[place].push(passed / 1000);
    }
  }
  return [median(times[0]), median(times[1])];
}

async function fill(folder: string, size: number): Promise<Filled> {
  mkdirSync(folder, { recursive: true });
  const stores = openSqliteStores(folder);
  const logs = Array.from({ length: size / ENTRIES_A_LOG }, () => randomBytes(32));
  for (const log of logs) await stores.logs.createLog({ log, tokenHash: SHOWN, entryDays: 30 } as never);
  for (let n = 0; n < size; n += TOGETHER) {
    const some = Array.from(
      { length: Math.min(TOGETHER, size - n) },
      (_, k) => logs[(n + k) % logs.length] as Buffer,
    );
    await Promise.all(some.map((log) => stores.logs.appendMessage(newMessage(log))));
  }
  return { size, folder, logs, stores, times: [] };
}

function newMessage(log: Buffer): AppendMessage {
  const entry = {
    log,
    shownHash: SHOWN,
    id: randomBytes(16),
    epoch: 0,
    body: Buffer.alloc(200, 7),
    now: Date.now(),
  };
  return entry as unknown as AppendMessage;
}

/** One at a time: nothing is gathered, each waits for the disk. */
async function appendSome({ logs, stores, times }: Filled): Promise<void> {
  for (let n = 0; n < APPENDS; n++) {
    const message = newMessage(logs[Math.floor(Math.random() * logs.length)] as Buffer);
    const start = performance.now();
    const outcome = await stores.logs.appendMessage(message);
    if (!outcome.ok) throw new Error(outcome.code);
    times.push(performance.now() - start);
  }
}

/** From the command to the first good answer of `/readyz`; then it is killed, so that the next start has all to recover. */
async function timeStart(folder: string): Promise<number> {
  const env = { PATH: process.env.PATH, PORT: '0', SOTTO_DATA_DIR: folder, SOTTO_LOG: 'silent' };
  const begin = performance.now();
  const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const origin = await readOrigin(child);
  const { status } = await fetch(`${origin}/readyz`);
  const passed = performance.now() - begin;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
  if (status !== 200) throw new Error(`not ready: ${status}`);
  return passed;
}

async function readOrigin(child: ChildProcess): Promise<string> {
  for (let said = ''; ; ) {
    const [chunk] = await once(child.stdout!, 'data');
    said += chunk;
    const origin = /Sotto is at (\S+)\n/.exec(said)?.[1];
    if (origin !== undefined) return origin;
  }
}
