import { execFile } from 'node:child_process';
import { mkdtemp, rmdir, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A file system of its own, of a size that a test chooses. */
export interface Disk {
  readonly path: string;
  /** Bytes that still fit. */
  free(): Promise<number>;
  /** Makes room, or takes it. */
  resize(megabytes: number): Promise<void>;
  /** To be called when no process uses it any more. */
  remove(): Promise<void>;
}

const run = promisify(execFile);

/** A text says why there can be none here: it takes Linux, and the right to mount. */
export async function createDisk(megabytes: number): Promise<Disk | string> {
  if (process.platform !== 'linux') return 'a disk of its own takes Linux';
  const path = await mkdtemp(join(tmpdir(), 'sotto-disk-'));
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=700`, 'tmpfs', path]);
  } catch (error) {
    await rmdir(path);
    return `no file system may be mounted here: ${describe(error)}`;
  }
  return {
    path,
    async free() {
      const { bavail, bsize } = await statfs(path);
      return bavail * bsize;
    },
    async resize(size) {
      await run('mount', ['-o', `remount,size=${size}m`, path]);
    },
    async remove() {
      await run('umount', [path]);
      await rmdir(path);
    },
  };
}

function describe(error: unknown): string {
  const said = error instanceof Error && 'stderr' in error ? error.stderr : error;
  return String(said).trim().slice(0, 200);
}
