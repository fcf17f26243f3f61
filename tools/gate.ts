// The one gate, the same on a laptop and in CI: `npm test`. Each step is a sentence; all run, the exit code tells.
// `npm test -- types` runs the steps whose sentence holds the word.
import { spawnSync } from 'node:child_process';

const STEPS: readonly (readonly [sentence: string, command: string, ...args: string[]])[] = [
  ['format and lint are clean', 'biome', 'ci', '--error-on-warnings', '.'],
  ['types hold', 'tsc', '-b'],
  ['arrows point one way', 'node', 'tools/arrows.ts'],
  ['files are small', 'node', 'tools/file-sizes.ts'],
  ['nothing is unused', 'knip'],
  ['every rule has a test and every test its rule', 'node', 'tools/rules.ts'],
  ['every attack in the documents has its test', 'node', 'tools/documents.ts'],
  ['what deploys it is well-formed', 'node', 'tools/deployment.ts'],
  ['unit, vector, property, contract, scenario, fault and simulation tests pass', 'vitest', 'run'],
  ['the page builds', 'npm', 'run', 'build', '-w', '@sotto/web'],
  ['the page is small', 'node', 'tools/page-size.ts'],
  ['browser tests pass', 'playwright', 'test'],
];

const wanted = process.argv[2];
const failed: string[] = [];
const steps = STEPS.filter(([sentence]) => wanted === undefined || sentence.includes(wanted));
for (const [sentence, command, ...args] of steps) {
  console.log(`\n— ${sentence}`);
  const start = performance.now();
  const { status } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(status === 0 ? `  yes (${seconds} s)` : `  NO (${seconds} s)`);
  if (status !== 0) failed.push(sentence);
}
for (const sentence of failed) console.log(`not true: ${sentence}`);
console.log(`${steps.length - failed.length} passed, ${failed.length} failed`);
process.exitCode = failed.length === 0 && steps.length > 0 ? 0 : 1;
