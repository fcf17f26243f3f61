import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';

/** Builds the page on its stories into a folder of its own, so that two runs are in nobody's way; answers it, to be served. */
export async function buildStories(): Promise<string> {
  const outDir = await mkdtemp(join(tmpdir(), 'sotto-stories-'));
  await build({
    configFile: join(import.meta.dirname, 'vite.config.ts'),
    logLevel: 'warn',
    build: { outDir },
  });
  return outDir;
}
