import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** A relay that serves. */
export interface RelayNode {
  readonly origin: string;
  readonly pid: number;
  /** Resolves when the process is gone, with its exit code; null when a signal took it. */
  readonly gone: Promise<number | null>;
  /** The end of what it wrote to its log. */
  log(): string;
  kill(signal?: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): Promise<number | null>;
}

/** Relays with the same settings; the next one is loading already. */
export interface Nursery {
  /** Rejects when the relay ends before it listens. */
  start(port: number): Promise<RelayNode>;
  /** Kills one so many milliseconds after it was told to start. */
  startInVain(port: number, ms: number): Promise<void>;
  /** Ends all that it ever started and that lives. */
  close(): Promise<void>;
}

const KILLABLE = new URL('./killable-relay.ts', import.meta.url);
const KEPT_LOG = 8000;

/** `settings`: environment of each, but for `PORT`. `spares`: how many load ahead. */
export function createNursery(
  settings: Readonly<Record<string, string>>,
  compileCache: string,
  spares = 1,
): Nursery {
  const living = new Set<ChildProcess>();
  const env = { PATH: process.env.PATH, NODE_COMPILE_CACHE: compileCache, ...settings };
  const load = (): ChildProcess => {
    const child = fork(KILLABLE, [], { execArgv: [], env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    living.add(child);
    child.once('exit', () => living.delete(child));
    return child;
  };
  const loading = Array.from({ length: spares }, load);
  let closed = false;
  const take = (): ChildProcess => {
    if (closed) throw new Error('the nursery is closed');
    loading.push(load());
    return loading.shift() as ChildProcess;
  };
  return {
    start: async (port) => serve(take(), port),
    async startInVain(port, ms) {
      const child = take();
      const gone = once(child, 'exit');
      child.stdout?.resume();
      child.stderr?.resume();
      child.send(String(port));
      await pause(ms);
      child.kill('SIGKILL');
      await gone;
    },
    async close() {
      closed = true;
      const gone = [...living].map((child) => once(child, 'exit'));
      for (const child of living) child.kill('SIGKILL');
      await Promise.all(gone);
    },
  };
}

async function serve(child: ChildProcess, port: number): Promise<RelayNode> {
  let said = '';
  let log = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    log = `${log}${chunk}`.slice(-KEPT_LOG);
  });
  const gone = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const listens = new Promise<void>((resolve) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('Sotto is at')) resolve();
    });
  });
  child.send(String(port));
  await Promise.race([listens, gone.then((code) => Promise.reject(new Error(`ended with ${code}: ${log}`)))]);
  return {
    origin: `http://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    gone,
    log: () => log,
    kill(signal = 'SIGKILL') {
      child.kill(signal);
      return gone;
    },
  };
}

/** Below what systems give to outgoing connections: one of those could take the port of a relay that is just killed. */
const LOWEST_PORT = 10_000;
const PORTS = 20_000;

/** A free port that stays free when nobody listens there for a moment. */
export async function findPort(): Promise<number> {
  for (;;) {
    const port = LOWEST_PORT + Math.floor(Math.random() * PORTS);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
}
