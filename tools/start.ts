// `npm start`: builds the page when its sources changed since the last build, then starts the relay.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';

const STAMP = '.cache/page-built-from';
const SOURCES = ['package-lock.json', 'apps/web/{src,public}/**/*', 'apps/web/*', 'packages/*/src/**/*'];

const digest = digestOf(SOURCES);
const built = existsSync(STAMP) && existsSync('apps/web/dist/index.html') ? readFileSync(STAMP, 'utf8') : '';
if (built !== digest) {
  console.log('Building the page …');
  const { status } = spawnSync('npm', ['run', 'build', '-w', '@sotto/web', '--silent'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) process.exit(1);
  mkdirSync('.cache', { recursive: true });
  writeFileSync(STAMP, digest);
}
await import('@sotto/relay/main');

function digestOf(patterns: string[]): string {
  const hash = createHash('sha256');
  const files = globSync(patterns, { withFileTypes: true }).filter((file) => file.isFile());
  for (const path of files.map((file) => `${file.parentPath}/${file.name}`).sort()) {
    hash.update(`${path}\0`).update(readFileSync(path));
  }
  return hash.digest('hex');
}
