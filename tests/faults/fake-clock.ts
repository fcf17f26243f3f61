import { execFile } from 'node:child_process';
import { readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The wall clock of a process, which the test sets while it runs. Its timers go by another clock, and are not told. */
export interface FakeClock {
  /** Environment of the process. */
  readonly settings: Readonly<Record<string, string>>;
  /** So many seconds ahead of ours, or behind. */
  set(seconds: number): Promise<void>;
}

const run = promisify(execFile);
/** Where Debian and others keep libraries. */
const LIBRARIES = '/usr/lib';
const FAKETIME = join('faketime', 'libfaketimeMT.so.1');

/** The path of `libfaketime`; a reason in words when there is none and none can be installed. */
export async function findFaketime(): Promise<{ readonly path: string } | string> {
  if (process.platform !== 'linux') return 'a clock of its own takes Linux';
  const path = (await findLibrary()) ?? (await install());
  return path === undefined ? 'there is no libfaketime, and none could be installed' : { path };
}

/** `file`: says what time it is, to one process or more; it is read each time that one of them asks. */
export async function createFakeClock(library: string, file: string): Promise<FakeClock> {
  const set = async (seconds: number) => {
    // Whole at any moment.
    await writeFile(`${file}.new`, `${seconds < 0 ? '-' : '+'}${Math.abs(seconds)}`);
    await rename(`${file}.new`, file);
  };
  await set(0);
  const settings = {
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    NO_FAKE_STAT: '1',
  };
  return { settings, set };
}

async function findLibrary(): Promise<string | undefined> {
  // Some have a folder for each architecture.
  for (const folder of await readdir(LIBRARIES)) {
    const found: string[] = await readdir(join(LIBRARIES, folder, 'faketime')).catch(() => []);
    if (found.includes('libfaketimeMT.so.1')) return join(LIBRARIES, folder, FAKETIME);
  }
  return undefined;
}

/** Debian's package, for whoever may install one. */
async function install(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  try {
    // A machine that is new knows no packages yet.
    await run('apt-get', ['update', '-qq'], { timeout: 120_000 });
    await run('apt-get', ['install', '-y', '--no-install-recommends', 'libfaketime'], { timeout: 120_000 });
  } catch {
    return undefined;
  }
  return findLibrary();
}
