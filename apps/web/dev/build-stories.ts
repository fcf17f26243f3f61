import { join } from 'node:path';
import { build } from 'vite';

/** Builds the page on its stories into `.cache/<name>`; answers the folder to serve. */
export async function buildStories(name = 'web-stories'): Promise<string> {
  const outDir = join(import.meta.dirname, '../../../.cache', name);
  await build({
    configFile: join(import.meta.dirname, 'vite.config.ts'),
    logLevel: 'warn',
    build: { outDir },
  });
  return outDir;
}
