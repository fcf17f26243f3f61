// `npm run soak -- --seconds N [--store sqlite|mongodb] [--nodes K] [--no-redis]`: real relays under load that are killed at
// random moments. The last line is the tally; the exit code is not 0 when anything acknowledged was lost, doubled or moved.
import { parseArgs } from 'node:util';
import { soak } from '../tests/faults/soak.ts';

/** For starting, finishing and comparing, beside what was asked for. */
const BESIDE_MS = 5 * 60_000;
const CLEAN_MS = 30_000;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    store: { type: 'string', default: 'sqlite' },
    nodes: { type: 'string' },
    'no-redis': { type: 'boolean', default: false },
  },
});
const { store } = values;
if (store !== 'sqlite' && store !== 'mongodb') throw new Error('--store: sqlite or mongodb');
const nodes = Number(values.nodes ?? (store === 'mongodb' ? 3 : 1));
const seconds = Number(values.seconds);
if (!(seconds > 0 && nodes >= 1 && (store === 'mongodb' || nodes === 1))) {
  throw new Error('--seconds and --nodes: numbers; SQLite is for one node');
}
// However it ends, it ends first what it started; and if that hangs, relays go with the channel to this process.
const stopping = new AbortController();
const stop = (why: unknown) => {
  process.exitCode = 1;
  stopping.abort(why);
  setTimeout(() => process.exit(1), CLEAN_MS).unref();
};
setTimeout(() => stop('the run did not come to its end'), seconds * 1000 + BESIDE_MS).unref();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => stop(`stopped by ${signal}`));
process.on('uncaughtException', stop);

const redis = store === 'mongodb' && !values['no-redis'];
try {
  const say = (line: string) => console.log(line);
  const tally = await soak({ seconds, store, nodes, redis }, say, stopping.signal);
  if (typeof tally === 'string') throw new Error(`nothing was tried: ${tally}`);
  const { problems, ...counts } = tally;
  for (const problem of problems) console.error(problem);
  console.log(`soak: store ${store}, nodes ${nodes}, ${describe(counts)}`);
  process.exit(problems.length === 0 ? 0 : 1);
} catch (error) {
  console.error(error);
  process.exit(1);
}

function describe(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}
