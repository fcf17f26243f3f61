import { join, relative, resolve } from 'node:path';

/** What a system takes as the name of a socket (`sun_path`), without the zero behind it. */
const LONGEST_PATH = 103;

/**
 * Where the relay of a data folder listens for its operator. The shorter of its two names, for systems take few bytes;
 * undefined when both are too long.
 */
export function operatorSocketPath(dataDir: string): string | undefined {
  const path = resolve(join(dataDir, 'operator.sock'));
  const names = [path, relative(process.cwd(), path)];
  return names.find((name) => Buffer.byteLength(name) <= LONGEST_PATH);
}
