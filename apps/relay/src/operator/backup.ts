import { cp, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/** What a data folder holds beside the databases. `jwt-secret` may come from the environment. */
const SECRETS = ['opaque-setup', 'relay-key', 'jwt-secret', 'origin'];

export interface BackupParts {
  /** Where it goes: nothing has that name yet. */
  readonly folder: string;
  readonly dataDir: string;
  /** A folder in the data folder that holds copies of the databases, and goes. Undefined when they are elsewhere. */
  readonly snapshot: string | undefined;
}

/** What a file system answers to whoever asks for a place that cannot be. */
const NO_PLACE: Record<string, string> = {
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'nothing can be written there',
  ENOENT: 'no folder can be made there',
  ENOTDIR: 'a file is in the way',
  ENOSPC: 'no space is left there',
};

/**
 * The folder gets its name when all of it is there and on disk. Answers why there is no place for it; rejects when it fails
 * otherwise. Nothing is left behind then.
 */
export async function writeBackup(parts: BackupParts): Promise<string | undefined> {
  try {
    await write(parts);
    return undefined;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const reason = NO_PLACE[code];
    if (reason === undefined) throw error;
    return reason;
  }
}

async function write({ folder, dataDir, snapshot }: BackupParts): Promise<void> {
  const target = resolve(folder);
  const draft = `${target}.${process.pid}.partial`;
  const copies = snapshot === undefined ? undefined : join(dataDir, snapshot);
  try {
    await mkdir(draft, { recursive: true, mode: 0o700 });
    for (const secret of SECRETS) await copyIfThere(join(dataDir, secret), join(draft, secret));
    for (const file of copies === undefined ? [] : await readdir(copies)) {
      await cp(join(copies ?? '', file), join(draft, file));
    }
    for (const file of await readdir(draft)) await sync(join(draft, file));
    await sync(draft);
    await rename(draft, target);
    await sync(dirname(target));
  } finally {
    // First: where nothing can be made, nothing can be removed, and that says so again.
    if (copies !== undefined) await rm(copies, { recursive: true, force: true });
    await rm(draft, { recursive: true, force: true });
  }
}

export async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function copyIfThere(from: string, to: string): Promise<void> {
  if (await isThere(from)) await cp(from, to);
}

async function sync(path: string): Promise<void> {
  const file = await open(path);
  await file.sync();
  await file.close();
}
