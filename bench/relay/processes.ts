import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Kind } from './clients.ts';
import type { LoadOrder, LoadResult } from './load-process.ts';

export interface Usage {
  /** Bytes, after a garbage collection. */
  readonly rss: number;
  readonly cpuMs: number;
}

/** A relay in a process of its own. */
export interface RelayProcess {
  readonly kind: Kind;
  readonly origin: string;
  usage(): Promise<Usage>;
  stop(): Promise<void>;
}

export async function startRelayProcess(kind: Kind, file: string): Promise<RelayProcess> {
  const child = forkHere('relay-process.ts', [kind, file]);
  const { origin } = await answerOf<{ origin: string }>(child);
  return {
    kind,
    origin,
    usage() {
      child.send('usage');
      return answerOf<Usage>(child);
    },
    stop: () => stop(child),
  };
}

/** Runs one load in a process of its own. `meanwhile` is called once it has connected and warmed up. */
export async function runLoad(order: LoadOrder, meanwhile?: () => Promise<void>): Promise<LoadResult> {
  const child = forkHere('load-process.ts', []);
  child.send(order);
  await answerOf<'measuring'>(child);
  await meanwhile?.();
  const result = await answerOf<LoadResult>(child);
  await stop(child);
  return result;
}

function forkHere(name: string, args: string[]): ChildProcess {
  return fork(join(import.meta.dirname, name), args, { execArgv: ['--expose-gc'] });
}

async function answerOf<T>(child: ChildProcess): Promise<T> {
  const [message] = await once(child, 'message');
  return message;
}

async function stop(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.disconnect();
  await gone;
}
