import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** Builds the page as `npm start` serves it. Throws when it does not build. */
export function buildPage(): void {
  const { status } = spawnSync('npm', ['run', 'build', '-w', '@sotto/web', '--silent'], {
    cwd: join(import.meta.dirname, '..'),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error('the page does not build');
}
