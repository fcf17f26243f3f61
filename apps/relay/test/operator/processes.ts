import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));

/** The real processes of one machine: a relay as `npm start` runs it, and its operator's command line. */
export async function createMachine() {
  const folder = await mkdtemp(join(tmpdir(), 'sotto-operator-'));
  const data = join(folder, 'data');
  const running: ChildProcess[] = [];
  const spawnNode = (words: readonly string[], environment: Record<string, string>) => {
    const child = spawn(process.execPath, words, {
      env: { PATH: process.env.PATH, SOTTO_DATA_DIR: data, PORT: '0', ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    running.push(child);
    const output = { out: '', err: '' };
    child.stdout.on('data', (chunk) => {
      output.out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      output.err += chunk;
    });
    const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...output }));
    return { child, output, ended };
  };
  return {
    data,
    async start(environment: Record<string, string> = {}) {
      const { child, output, ended } = spawnNode([MAIN], environment);
      let origin: string | undefined;
      while (origin === undefined) {
        origin = /Sotto is at (\S+)\n/.exec(output.out)?.[1];
        if (child.exitCode !== null) throw new Error(output.err);
        if (origin === undefined) await once(child.stdout, 'data');
      }
      return {
        origin,
        output,
        async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM') {
          child.kill(signal);
          return ended;
        },
      };
    },
    /** One command. `typed`: what somebody types when asked; nobody is there when not given. */
    async sotto(words: string, environment: Record<string, string> = {}, typed?: string) {
      const { child, ended } = spawnNode([CLI, ...words.split(' ')], environment);
      child.stdin.end(typed);
      return ended;
    },
    async close() {
      for (const child of running) child.kill('SIGKILL');
      await rm(folder, { recursive: true });
    },
  };
}

export type Machine = Awaited<ReturnType<typeof createMachine>>;
