// One, two and three relays on one database and one Redis: deliveries, and how the work is shared.
import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { startTestServer } from '../../apps/relay/test/store/mongodb/server.ts';
import { startRedis } from '../../apps/relay/test/store/redis/server.ts';
import { runLoad } from '../relay/processes.ts';
import type { Row } from '../results.ts';
import { drawChart } from './chart.ts';
import { row } from './row.ts';

const NODE = fileURLToPath(new URL('../../apps/relay/test/realtime/live-node.ts', import.meta.url));
const COUNTS = [1, 2, 3];
const MEMBERS = { rooms: 1, members: 900, writers: 6 };
/** So much that the database is what is slow, and so little that it is not: then the work of the relays can be compared. */
const FULL = { ...MEMBERS, window: 4, warmupMs: 1000, measureMs: 3000 };
const PACED = { ...MEMBERS, appendsPerSecond: 15, warmupMs: 2000, measureMs: 6000 };

interface Measured {
  readonly deliveriesPerSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** Deliveries a second of the paced run, and the busiest relay's processor time for each of them. */
  readonly paced: number;
  readonly micros: number;
}

export async function measureNodes(): Promise<Row[]> {
  const database = await startTestServer();
  const redis = await startRedis();
  if (typeof database === 'string' || typeof redis === 'string') {
    const missing = [database, redis].filter((one) => typeof one === 'string');
    console.warn(`SKIPPED, several relays: ${missing.join('; ')}`);
    if (typeof database !== 'string') await database.stop();
    if (typeof redis !== 'string') await redis.stop();
    return [];
  }
  try {
    const all: Measured[] = [];
    for (const count of COUNTS) all.push(await measure(count, database.uri, redis.url));
    return describe(all, database.name);
  } finally {
    await redis.stop();
    await database.stop();
  }
}

function describe(all: readonly Measured[], database: string): Row[] {
  const bars = (value: (one: Measured) => number) =>
    all.map((one, n) => ({ label: `${COUNTS[n]} ${n === 0 ? 'relay' : 'relays'}`, value: value(one) }));
  drawChart({
    name: 'scale-nodes',
    title: `Deliveries, all on ${cpus().length} cores, ${database}`,
    unit: 'a second',
    bars: bars((one) => one.deliveriesPerSecond),
  });
  drawChart({
    name: 'scale-nodes-busiest',
    title: 'Processor time of the busiest relay for each delivery',
    unit: 'µs',
    bars: bars(({ micros }) => micros),
  });
  const [one, three] = [all[0] as Measured, all.at(-1) as Measured];
  const cores = `${cpus().length} cores for relays, database, Redis and load`;
  return [
    ...all.flatMap((one, n) => {
      const who = `${COUNTS[n]} × relay, ${database}, Redis`;
      return [
        row(`${who}: deliveries, database at its limit`, one.deliveriesPerSecond, 'a second'),
        row(`${who}: p50, database at its limit`, one.p50, 'ms'),
        row(`${who}: p99, database at its limit`, one.p99, 'ms'),
        row(
          `${who}: processor time of the busiest relay for one of ${Math.round(one.paced)} deliveries/s`,
          one.micros,
          'µs',
        ),
      ];
    }),
    row(
      `3 relays over 1: deliveries, database at its limit (${cores})`,
      three.deliveriesPerSecond / one.deliveriesPerSecond,
      'times',
      { atLeast: 2 },
    ),
    row(
      '1 relay over the busiest of 3: processor time for one delivery, same load',
      one.micros / three.micros,
      'times',
      { atLeast: 2 },
    ),
  ];
}

async function measure(count: number, uri: string, redis: string): Promise<Measured> {
  const name = `sotto_bench_${randomBytes(6).toString('hex')}`;
  const nodes: ChildProcess[] = [];
  const origins: string[] = [];
  for (let n = 0; n < count; n++) {
    const node = fork(NODE, [uri, name, redis], { execArgv: [] });
    nodes.push(node);
    origins.push((await once(node, 'message'))[0]);
  }
  const where = { kind: 'sotto', origin: origins[0] ?? '', origins } as const;
  let before: number[] = [];
  const paced = await runLoad({ ...where, ...PACED }, async () => {
    before = nodes.map(cpuSeconds);
  });
  const busiest = Math.max(...nodes.map((node, n) => cpuSeconds(node) - (before[n] ?? 0)));
  const { deliveriesPerSecond, p50, p99 } = await runLoad({ ...where, ...FULL });
  for (const node of nodes) {
    const gone = once(node, 'exit');
    node.disconnect();
    await gone;
  }
  const micros = (busiest * 1e6) / paced.deliveries;
  return { deliveriesPerSecond, p50, p99, paced: paced.deliveriesPerSecond, micros };
}

/** Of a process and its threads, where the system tells (Linux). */
function cpuSeconds({ pid }: ChildProcess): number {
  const path = `/proc/${pid}/stat`;
  if (!existsSync(path)) return Number.NaN;
  const fields = readFileSync(path, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
