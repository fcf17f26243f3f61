// Small files, one idea each: source files stop at 400 lines, test files at 600.
import { readFileSync } from 'node:fs';
import { listSources } from './sources.ts';

for (const path of listSources('*.ts', '*.tsx', '*.css')) {
  const lines = readFileSync(path, 'utf8').split('\n').length - 1;
  const limit = /(^tests\/|\/test\/)/.test(path) ? 600 : 400;
  if (lines > limit) {
    console.error(`${path}: ${lines} lines, the limit is ${limit}`);
    process.exitCode = 1;
  }
}
