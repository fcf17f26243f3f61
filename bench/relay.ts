// The relay with durable SQLite beside a bare Socket.IO relay that checks and keeps nothing, in the same run: deliveries a
// second, delay at half load, memory of idle sockets. Relay and load each in a process of its own, over the loopback; rounds
// alternate and medians are compared, since machines are shared and noisy.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Kind } from './relay/clients.ts';
import type { LoadOrder, LoadResult } from './relay/load-process.ts';
import { type RelayProcess, runLoad, startRelayProcess, type Usage } from './relay/processes.ts';
import { median, type Row, report } from './results.ts';

const ROUNDS = 3;
const IDLE_SOCKETS = 1000;
const TIMES = { warmupMs: 800, measureMs: 1500 };
const SHAPES = {
  '100 direct pairs': { rooms: 100, members: 2, writers: 2, window: 10 },
  'one log, 100 readers': { rooms: 1, members: 100, writers: 10, window: 8 },
} as const;
type Shape = keyof typeof SHAPES;
const AIMS: Record<Shape, number> = { '100 direct pairs': 0.7, 'one log, 100 readers': 1 };

const cache = join(import.meta.dirname, '../.cache');
mkdirSync(cache, { recursive: true });
// On the disk beside the repository: the system's temporary folder may be memory.
const folder = mkdtempSync(join(cache, 'bench-relay-'));
let files = 0;
const start = (kind: Kind) => startRelayProcess(kind, join(folder, `${files++}.sqlite`));

try {
  const rows: Row[] = [];
  const floor = await startFloor();
  const sotto = await start('sotto');
  for (const shape of Object.keys(SHAPES) as Shape[]) rows.push(...(await compare(shape, sotto, floor)));
  await Promise.all([sotto.stop(), floor.stop()]);
  rows.push(await measureIdle('sotto'), await measureIdle(floor.kind));
  report('relay', rows);
} finally {
  rmSync(folder, { recursive: true });
}

/** Whichever of Socket.IO's parsers is faster here. */
async function startFloor(): Promise<RelayProcess> {
  const floors = [await start('floor-msgpack'), await start('floor-default')];
  const speeds = floors.map(() => 0);
  // The best of two: one bad moment must not choose the slower one.
  for (let round = 0; round < 2; round++) {
    for (const [place, floor] of floors.entries()) {
      const { deliveriesPerSecond } = await load(floor, '100 direct pairs', { measureMs: 1000 });
      speeds[place] = Math.max(speeds[place] ?? 0, deliveriesPerSecond);
    }
  }
  const faster = (speeds[0] ?? 0) >= (speeds[1] ?? 0) ? 0 : 1;
  await floors[1 - faster]?.stop();
  return floors[faster] as RelayProcess;
}

function load(relay: RelayProcess, shape: Shape, more: Partial<LoadOrder> = {}): Promise<LoadResult> {
  return runLoad({ kind: relay.kind, origin: relay.origin, ...SHAPES[shape], ...TIMES, ...more });
}

async function compare(shape: Shape, sotto: RelayProcess, floor: RelayProcess): Promise<Row[]> {
  const speeds = { sotto: [] as number[], floor: [] as number[], ratio: [] as number[] };
  for (let round = 0; round < ROUNDS; round++) {
    const bare = (await load(floor, shape)).deliveriesPerSecond;
    const ours = (await load(sotto, shape)).deliveriesPerSecond;
    speeds.floor.push(bare);
    speeds.sotto.push(ours);
    speeds.ratio.push(ours / bare);
  }
  const fullSpeed = median(speeds.sotto);
  // Half of what the relay delivers at most: an append is delivered to all members but its author.
  const appendsPerSecond = fullSpeed / 2 / (SHAPES[shape].members - 1);
  const half = await load(sotto, shape, { appendsPerSecond });
  return [
    row(`${shape}: sotto`, fullSpeed, 'deliveries/s'),
    row(`${shape}: ${floor.kind}`, median(speeds.floor), 'deliveries/s'),
    row(`${shape}: ratio`, median(speeds.ratio), 'times the floor', `≥ ${AIMS[shape]}`),
    row(`${shape}: p50 at half load`, half.p50, 'ms'),
    row(`${shape}: p99 at half load`, half.p99, 'ms', '≤ 25'),
  ];
}

async function measureIdle(kind: Kind): Promise<Row> {
  const relay = await start(kind);
  const before = await settledUsage(relay);
  let after = before;
  const idle = { rooms: 1, members: IDLE_SOCKETS, writers: 0, window: 0, warmupMs: 1000, measureMs: 2000 };
  await runLoad({ kind, origin: relay.origin, ...idle }, async () => {
    after = await settledUsage(relay);
  });
  await relay.stop();
  const megabytes = (after.rss - before.rss) / 1e6;
  return row(`${IDLE_SOCKETS} idle sockets: ${kind}`, megabytes, 'MB', kind === 'sotto' ? '≤ 32' : '');
}

/** Memory once a process has come to rest: its threads go on loading, and one collection leaves work to the next. */
async function settledUsage(relay: RelayProcess): Promise<Usage> {
  await wait(1000);
  await relay.usage();
  return relay.usage();
}

function row(what: string, value: number, unit: string, aim = ''): Row {
  return { what, value: Math.round(value * 100) / 100, unit, aim };
}
