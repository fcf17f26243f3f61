// The project's own source files, as git knows them.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Paths from the root, tracked or new, ignored files left out. */
export function listSources(...patterns: string[]): string[] {
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '--', ...patterns], {
    encoding: 'utf8',
  });
  return [...new Set(listed.split('\n'))].filter((path) => path !== '' && existsSync(path)).sort();
}
