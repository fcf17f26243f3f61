import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

export interface RedisServer {
  readonly url: string;
  /** As if its machine lost power. */
  kill(): Promise<void>;
  /** After `kill`: on the same port, empty. */
  startAgain(): Promise<void>;
  stop(): Promise<void>;
}

const run = promisify(execFile);

/** A `redis-server` of our own, on a free port; a reason in words when there is none and none can be installed. */
export async function startRedis(): Promise<RedisServer | string> {
  const program = findOnPath('redis-server') ?? (await install());
  if (program === undefined) return 'there is no redis-server on the path, and none could be installed';
  const folder = await mkdtemp(join(tmpdir(), 'sotto-redis-'));
  const port = await freePort();
  const start = () => startServer(program, port, folder);
  let server = await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    kill: () => end(server, 'SIGKILL'),
    async startAgain() {
      server = await start();
    },
    async stop() {
      await end(server, 'SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function startServer(program: string, port: number, folder: string): Promise<ChildProcess> {
  const args = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--dir',
    folder,
    '--save',
    '',
    '--appendonly',
    'no',
  ];
  const server = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  await new Promise<void>((resolve, reject) => {
    let said = '';
    server.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('Ready to accept connections')) resolve();
    });
    server.stderr?.resume();
    server.once('error', reject);
    server.once('exit', (code) => reject(new Error(`redis-server ended with ${code}: ${said.slice(-1000)}`)));
  });
  return server;
}

async function end(server: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = new Promise((resolve) => server.once('exit', resolve));
  server.kill(signal);
  await ended;
}

/** Debian's package, for whoever may install one. */
async function install(): Promise<string | undefined> {
  if (process.getuid?.() !== 0 || findOnPath('apt-get') === undefined) return undefined;
  try {
    // A machine that is new knows no packages yet.
    await run('apt-get', ['update', '-qq'], { timeout: 120_000 });
    await run('apt-get', ['install', '-y', '--no-install-recommends', 'redis-server'], { timeout: 120_000 });
  } catch {
    return undefined;
  }
  return findOnPath('redis-server');
}

function findOnPath(program: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.map((folder) => join(folder, program)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
