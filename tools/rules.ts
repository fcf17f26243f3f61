// Every numbered rule of a SPEC.md has a test that quotes it, and every number a test quotes is a rule.
import { readFileSync } from 'node:fs';
import { listSources } from './sources.ts';

const ruled = new Map<string, string>();
for (const path of listSources('SPEC.md', '**/SPEC.md')) {
  for (const match of readFileSync(path, 'utf8').matchAll(/^\s*-\s+\*\*\[([A-Z]+\d+[a-z]?)\]\*\*/gm)) {
    const rule = match[1] ?? '';
    if (ruled.has(rule)) fail(`${path}: [${rule}] is defined twice (also in ${ruled.get(rule)})`);
    ruled.set(rule, path);
  }
}
const quoted = new Map<string, string>();
for (const path of listSources('*.test.ts', '*.test.tsx', '*.spec.ts', '*contract*.ts')) {
  for (const match of readFileSync(path, 'utf8').matchAll(/['"`]((?:\[[A-Z]+\d+[a-z]?\]\s*)+)/g)) {
    for (const rule of (match[1] ?? '').matchAll(/\[([A-Z]+\d+[a-z]?)\]/g)) quoted.set(rule[1] ?? '', path);
  }
}
for (const [rule, path] of ruled) if (!quoted.has(rule)) fail(`${path}: no test quotes [${rule}]`);
for (const [rule, path] of quoted) if (!ruled.has(rule)) fail(`${path}: [${rule}] is in no SPEC.md`);
if (process.exitCode !== 1) console.log(`${ruled.size} rules, each quoted by a test`);

function fail(problem: string): void {
  console.error(problem);
  process.exitCode = 1;
}
