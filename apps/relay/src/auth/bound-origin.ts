import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The origin that the passwords of a data folder are bound to: that of its first start. Another one later means that
 * nobody who signed up before can sign in, which no password prompt can explain; so whoever runs the relay is told.
 */
export async function readBoundOrigin(folder: string, origin: string): Promise<string> {
  const path = join(folder, 'origin');
  try {
    await writeFile(path, `${origin}\n`, { flag: 'wx', mode: 0o600 });
    return origin;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') {
      return (await readFile(path, 'utf8')).trim();
    }
    throw error;
  }
}
