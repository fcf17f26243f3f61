import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { cp, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** A database server for a test run. */
export interface TestServer {
  readonly uri: string;
  /** Which server it is, for people to read. */
  readonly name: string;
  stop(): Promise<void>;
  /** Undefined when the server is not ours. */
  readonly power?: {
    /** As if its machine lost power. */
    cut(): Promise<void>;
    /** After that: on the same port and folder. */
    restore(): Promise<void>;
  };
}

const run = promisify(execFile);
const CACHE = fileURLToPath(new URL('../../../../../.cache/ferretdb/', import.meta.url));
const FERRETDB = { module: 'github.com/FerretDB/FerretDB', version: 'v1.24.0' };
const BUILD_MS = 15 * 60_000;

/**
 * The server of `MONGO_URI` when that is set, else a `mongod` from the path, else FerretDB over SQLite, built once by Go into
 * `.cache`. A reason in words when there is none of them.
 */
export async function startTestServer(): Promise<TestServer | string> {
  const uri = process.env.MONGO_URI;
  if (uri) return { uri, name: 'the server of MONGO_URI', stop: async () => {} };
  const mongod = findOnPath('mongod');
  if (mongod !== undefined) return startMongod(mongod);
  const ferretdb = await buildFerretdb();
  return 'path' in ferretdb ? startFerretdb(ferretdb.path) : ferretdb.reason;
}

function findOnPath(program: string): string | undefined {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function startMongod(path: string): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'sotto-mongod-'));
  const port = await freePort();
  const args = ['--dbpath', folder, '--port', String(port), '--bind_ip', '127.0.0.1'];
  return startServer('mongod from the path, standalone', {
    path,
    args,
    folder,
    port,
    ready: /Waiting for connections/,
  });
}

async function startFerretdb(path: string): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'sotto-ferretdb-'));
  const port = await freePort();
  const args = [
    '--handler=sqlite',
    `--sqlite-url=file:${folder}/`,
    `--state-dir=${folder}`,
    `--listen-addr=127.0.0.1:${port}`,
    '--debug-addr=-',
    '--telemetry=disable',
  ];
  return startServer(`FerretDB ${FERRETDB.version} over SQLite`, {
    path,
    args,
    folder,
    port,
    ready: /Listening on TCP/,
  });
}

interface Program {
  readonly path: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly port: number;
  /** What it says when it serves. */
  readonly ready: RegExp;
}

async function startServer(name: string, { path, args, folder, port, ready }: Program): Promise<TestServer> {
  const start = async () => {
    const started = spawn(path, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    await waitForLine(started, ready);
    return started;
  };
  let server = await start();
  return {
    uri: `mongodb://127.0.0.1:${port}/?directConnection=true`,
    name,
    async stop() {
      await end(server, 'SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
    power: {
      cut: () => end(server, 'SIGKILL'),
      async restore() {
        server = await start();
      },
    },
  };
}

async function end(server: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = new Promise((resolve) => server.once('exit', resolve));
  server.kill(signal);
  await ended;
}

/** Rejects when the program ends before it says so. */
function waitForLine(server: ChildProcess, line: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    const listen = (chunk: Buffer) => {
      said += chunk.toString();
      if (line.test(said)) resolve();
    };
    // Goes on reading: a server whose pipe is full stands still.
    server.stdout?.on('data', listen);
    server.stderr?.on('data', listen);
    server.once('error', reject);
    server.once('exit', (code) =>
      reject(new Error(`the database server ended with ${code}: ${said.slice(-2000)}`)),
    );
  });
}

/** Once for a cache. The module's own `go.sum` pins all that it is built from. */
async function buildFerretdb(): Promise<{ readonly path: string } | { readonly reason: string }> {
  const path = join(CACHE, `ferretdb-${FERRETDB.version}`);
  if (isExecutable(path)) return { path };
  if (findOnPath('go') === undefined) {
    return { reason: 'there is no MONGO_URI, no mongod on the path, and no Go to build FerretDB' };
  }
  try {
    await mkdir(CACHE, { recursive: true });
    // Built from its own folder, for `go install` of a module asks for its list of versions, which not every proxy gives.
    const { stdout } = await run('go', [
      'mod',
      'download',
      '-json',
      `${FERRETDB.module}@${FERRETDB.version}`,
    ]);
    const { Dir: module } = JSON.parse(stdout) as { Dir: string };
    const folder = await mkdtemp(join(CACHE, 'build-'));
    await cp(module, folder, { recursive: true, mode: constants.COPYFILE_FICLONE });
    await run('chmod', ['-R', 'u+w', folder]);
    // Its release builds write this; without it the program refuses to start.
    await writeFile(join(folder, 'build/version/version.txt'), `${FERRETDB.version}\n`);
    const made = join(folder, 'made');
    await run('go', ['build', '-C', folder, '-buildvcs=false', '-o', made, './cmd/ferretdb'], {
      env: { ...process.env, CGO_ENABLED: '0' },
      timeout: BUILD_MS,
    });
    await rename(made, path);
    await rm(folder, { recursive: true });
    return { path };
  } catch (error) {
    return {
      reason: `FerretDB could not be built: ${error instanceof Error ? error.message.slice(0, 500) : error}`,
    };
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
