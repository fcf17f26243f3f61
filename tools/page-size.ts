// What a browser loads first stays small: the page's first JavaScript ≤ 180 kB, the worker's ≤ 320 kB, gzip.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const DIST = 'apps/web/dist';
const KB = 1000;

const html = readFileSync(join(DIST, 'index.html'), 'utf8');
const first = [...html.matchAll(/(?:src|href)="\/([^"]+\.js)"/g)].map((match) => match[1] ?? '');
const worker = readdirSync(join(DIST, 'assets')).filter((name) => /^worker-.*\.js$/.test(name));
check('first JavaScript of the page', first, 180 * KB);
check(
  'worker',
  worker.map((name) => `assets/${name}`),
  320 * KB,
);

function check(what: string, files: string[], limit: number): void {
  const size = files.reduce((sum, file) => sum + gzipSync(readFileSync(join(DIST, file))).length, 0);
  console.log(`${what}: ${(size / KB).toFixed(1)} kB gzip of ${limit / KB} (${files.length} files)`);
  if (size > limit || files.length === 0) process.exitCode = 1;
}
