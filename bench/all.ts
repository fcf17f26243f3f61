// `npm run bench`: every measured claim, one after the other, and bench/RESULTS.md from what came out. `npm run bench -- scale`
// measures that one anew, and the page has the others as they were.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeMachine } from './machine.ts';
import type { Result } from './results.ts';

/** Name of the bench, and what its table is about. */
const BENCHES = {
  relay:
    'The durable relay (SQLite, `synchronous=FULL`, group commit) beside a bare Socket.IO relay that stores nothing, in the same run.',
  scale:
    'What grows with sockets, readers, stored entries and relays. Sockets and deliveries are those of the live half, with tokens that need no account. Several relays share FerretDB over SQLite where there is no MongoDB: it scans where MongoDB looks up, and is what is slow. So at its limit more relays bring less, and only the processor time of the relays says how they share the work.',
  'sign-in':
    'What signing in costs: a person at a browser that never saw the account, and the relay. Floors: the stretching alone, the bare OPAQUE server.',
  crypto:
    'Sealing, opening, committing, processing a commit and joining, beside bare ts-mls with its default provider.',
  core: 'One device in Chromium: X-Wing suite, sealed IndexedDB, strict durability; the relay is taken out. Floor: strict IndexedDB transactions of one small record.',
  'catch-up':
    'A thousand waiting entries in the real page with the real relay. Floor: the same page load with nothing waiting.',
  page: 'The page: bytes, cold start, a thread of 10,000 lines.',
} as const;

const start = performance.now();
const failed: string[] = [];
const wanted = process.argv[2];
for (const name of Object.keys(BENCHES).filter((name) => wanted === undefined || name === wanted)) {
  console.log(`\n— bench/${name}.ts`);
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, `${name}.ts`)], {
    stdio: 'inherit',
  });
  if (status !== 0) failed.push(name);
}
const minutes = ((performance.now() - start) / 60_000).toFixed(1);
writeFileSync(join(import.meta.dirname, 'RESULTS.md'), describeResults());
console.log(
  `\nall benches in ${minutes} minutes${failed.length > 0 ? `; failed: ${failed.join(', ')}` : ''}`,
);
process.exitCode = failed.length === 0 ? 0 : 1;

function describeResults(): string {
  const { cpu, cores, memoryGiB, system, node } = describeMachine();
  const head = [
    '# Results',
    '',
    `Written by \`npm run bench${wanted === undefined ? '' : ` -- ${wanted}`}\` (${minutes} minutes) on ${system}, ${cpu}, ${cores} cores, ${memoryGiB} GiB, Node ${node}; load generators run beside what they load.`,
    ...(wanted === undefined
      ? []
      : [
          `Only \`${wanted}\` was measured in this run; the rest is as it was before, and maybe from another machine.`,
        ]),
    'Machines are noisy: read the ratios to the floor of the same run, not the absolute numbers.',
  ];
  const sections = Object.entries(BENCHES).flatMap(([name, about]) => [
    '',
    `## ${name}`,
    '',
    ...section(name, about),
  ]);
  return `${[...head, ...sections].join('\n')}\n`;
}

function section(name: string, about: string): string[] {
  if (failed.includes(name)) return [about, '', 'Failed in this run.'];
  const result = JSON.parse(
    readFileSync(join(import.meta.dirname, `results/${name}.json`), 'utf8'),
  ) as Result;
  const columns = [...new Set(result.rows.flatMap((row) => Object.keys(row)))];
  const line = (cells: readonly unknown[]) => `| ${cells.map((cell) => cell ?? '').join(' | ')} |`;
  return [
    about,
    '',
    line(columns),
    line(columns.map(() => '---')),
    ...result.rows.map((row) => line(columns.map((column) => row[column]))),
    ...listCharts(name).flatMap((file) => ['', `![${file}](charts/${file})`]),
  ];
}

/** Charts of a bench are named after it. */
function listCharts(name: string): string[] {
  const folder = join(import.meta.dirname, 'charts');
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((file) => file.startsWith(`${name}-`));
}
