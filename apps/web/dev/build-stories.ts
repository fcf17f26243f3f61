import { join } from 'node:path';
import { build } from 'vite';

/** Builds the page on its stories; answers the folder to serve. */
export async function buildStories(): Promise<string> {
  await build({ configFile: join(import.meta.dirname, 'vite.config.ts'), logLevel: 'warn' });
  return join(import.meta.dirname, '../../../.cache/web-stories');
}
