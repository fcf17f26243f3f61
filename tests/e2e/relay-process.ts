import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The relay as `npm start` runs it: a process of its own, SQLite in a fresh folder. */
export interface RelayProcess {
  readonly origin: string;
  readonly dataDir: string;
  /** SIGTERM and wait; the exit code. */
  stop(): Promise<number | null>;
  /** Starts again on the same folder and port. */
  start(): Promise<void>;
  /** Every byte the relay has on disk, file by file, write-ahead logs included. */
  readDisk(): Promise<Map<string, Buffer>>;
  /** Everything it printed. */
  log(): string;
  remove(): Promise<void>;
}

/** Starts a relay on a free port and resolves when it prints its address. */
export async function startRelayProcess(environment: Record<string, string> = {}): Promise<RelayProcess> {
  const dataDir = await mkdtemp(join(tmpdir(), 'sotto-e2e-'));
  let printed = '';
  let origin = '';
  let child: ChildProcess | undefined;

  async function start(): Promise<void> {
    const port = origin === '' ? '0' : new URL(origin).port;
    const started = spawn(process.execPath, ['apps/relay/src/main.ts'], {
      env: { PATH: process.env.PATH, PORT: port, SOTTO_DATA_DIR: dataDir, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child = started;
    origin = await new Promise<string>((resolve, reject) => {
      const mark = printed.length;
      const hear = (chunk: Buffer) => {
        printed += chunk.toString();
        const address = /Sotto is at (http:\S+)/.exec(printed.slice(mark))?.[1];
        if (address !== undefined) resolve(address);
      };
      started.stdout?.on('data', hear);
      started.stderr?.on('data', hear);
      started.once('exit', (code) =>
        reject(new Error(`the relay ended with ${code}: ${printed.slice(mark)}`)),
      );
    });
  }

  function stop(): Promise<number | null> {
    const running = child;
    if (running === undefined || running.exitCode !== null) return Promise.resolve(running?.exitCode ?? null);
    const ended = new Promise<number | null>((resolve) => running.once('exit', (code) => resolve(code)));
    running.kill('SIGTERM');
    return ended;
  }

  await start();
  return {
    get origin() {
      return origin;
    },
    dataDir,
    start,
    stop,
    async readDisk() {
      const names = await readdir(dataDir, { recursive: true, withFileTypes: true });
      const files = names.filter((name) => name.isFile()).map((name) => join(name.parentPath, name.name));
      return new Map(await Promise.all(files.map(async (file) => [file, await readFile(file)] as const)));
    },
    log: () => printed,
    async remove() {
      await stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
