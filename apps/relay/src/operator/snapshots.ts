import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeHex } from '@sotto/protocol';
import type { Random } from '../clock.ts';

/**
 * Puts copies of the databases into the data folder and answers where there: whoever may ask may read that folder, and a
 * running relay writes nowhere else. Undefined when the databases are elsewhere.
 */
export function createSnapshots(
  dataDir: string,
  copyTo: ((folder: string) => Promise<void>) | undefined,
  random: Random,
): () => Promise<string | undefined> {
  return async () => {
    if (copyTo === undefined) return undefined;
    const name = `backup-${encodeHex(random(8))}`;
    const folder = join(dataDir, name);
    await mkdir(folder, { mode: 0o700 });
    try {
      await copyTo(folder);
      return name;
    } catch (error) {
      await rm(folder, { recursive: true });
      throw error;
    }
  };
}
