import { setTimeout as pause } from 'node:timers/promises';
import { check, type Tally } from './check.ts';
import { openGrounds } from './grounds.ts';
import { type Load, startLoad } from './load.ts';
import { type Damage, sendWreckers, type Wreckers } from './soak-faults.ts';
import { type Traces, traceKills } from './traces.ts';

export interface SoakOptions {
  readonly seconds: number;
  readonly store: 'sqlite' | 'mongodb';
  readonly nodes: number;
  readonly redis: boolean;
}

export type SoakTally = Tally & Damage & Traces & { readonly seconds: number };

/** For everybody to finish, once nothing breaks any more. */
const FINISH_MS = 60_000;
const REPORT_MS = 10_000;
/** Beside FerretDB, which scans, few writers are enough. */
const SHAPES = {
  sqlite: { writers: 6, window: 3, readers: 3, commits: 0.02 },
  mongodb: { writers: 4, window: 2, readers: 3, commits: 0.02 },
} as const;

/**
 * People write and read while relays are killed, for so long; then everything that was acknowledged is compared with what
 * everybody got. `say` gets a line every ten seconds. A text says what is missing on this machine. Rejects when it is stopped.
 */
export async function soak(
  options: SoakOptions,
  say: (line: string) => void,
  stopped: AbortSignal,
): Promise<SoakTally | string> {
  const grounds = await openGrounds(options);
  if (typeof grounds === 'string') return grounds;
  let load: Load | undefined;
  let wreckers: Wreckers | undefined;
  const run = async (): Promise<SoakTally> => {
    say(`${options.nodes} × relay on ${grounds.about}, for ${options.seconds} s`);
    load = await startLoad(grounds.town, SHAPES[options.store]);
    wreckers = sendWreckers(grounds);
    await watch(load, wreckers.damage, options.seconds, say);
    await wreckers.callOff();
    const evidence = await load.finish(FINISH_MS);
    const traces = traceKills(evidence, wreckers.kills);
    return { seconds: options.seconds, ...wreckers.damage, ...traces, ...check(evidence) };
  };
  const { promise: stop, reject } = Promise.withResolvers<never>();
  const onStop = () => reject(stopped.reason);
  stopped.addEventListener('abort', onStop);
  if (stopped.aborted) onStop();
  try {
    return await Promise.race([run(), stop]);
  } finally {
    load?.close();
    // First, or they would start again what is ended here.
    await wreckers?.callOff().catch(() => {});
    await grounds.close();
  }
}

async function watch(
  load: Load,
  damage: Damage,
  seconds: number,
  say: (line: string) => void,
): Promise<void> {
  const start = performance.now();
  const passed = () => performance.now() - start;
  while (passed() < seconds * 1000) {
    await pause(Math.min(REPORT_MS, seconds * 1000 - passed()));
    say(describe(Math.round(passed() / 1000), load, damage));
  }
}

function describe(second: number, { ledger, readers }: Load, damage: Damage): string {
  const deliveries = readers.reduce((sum, { shown }) => sum + shown.length, 0);
  const refused = [...ledger.refusals].map(([code, times]) => ` ${code} ${times}`).join(',');
  const broken = Object.entries(damage).map(([what, times]) => `${what} ${times}`);
  const counts = [
    `sends ${ledger.sends}`,
    `acks ${ledger.told.length}`,
    `deliveries ${deliveries}`,
    ...broken,
  ];
  return `${String(second).padStart(4)} s: ${counts.join(', ')}${refused === '' ? '' : `; refused:${refused}`}`;
}
