// Many sockets on one relay: what idle ones cost, and how fast they come.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type RelayProcess, runLoad, startRelayProcess, type Usage } from '../relay/processes.ts';
import type { Row } from '../results.ts';
import { drawChart } from './chart.ts';
import type { HandshakeResult } from './handshake-process.ts';
import { row } from './row.ts';

const IDLE = [1000, 5000, 10_000];
const HANDSHAKES = 6000;

export async function measureSockets(folder: string): Promise<Row[]> {
  const megabytes: number[] = [];
  for (const count of IDLE) megabytes.push(await measureIdle(join(folder, `idle-${count}.sqlite`), count));
  drawChart({
    name: 'scale-idle',
    title: 'Memory of idle sockets, over that of the idle relay',
    unit: 'MB',
    bars: IDLE.map((count, n) => ({ label: count.toLocaleString('en'), value: megabytes[n] ?? 0 })),
  });
  const { seconds, cpuMs } = await measureHandshakes(join(folder, 'handshakes.sqlite'));
  return [
    ...IDLE.map((count, n) => {
      const goal = count === 10_000 ? { atMost: 320 } : {};
      return row(
        `${count.toLocaleString('en')} idle sockets: memory over the idle process`,
        megabytes[n] ?? 0,
        'MB',
        goal,
      );
    }),
    row('idle sockets: memory of 1,000', (megabytes.at(-1) ?? 0) / 10, 'MB'),
    row('handshakes, with their load on the same cores', HANDSHAKES / seconds, 'a second', { atLeast: 1000 }),
    row("handshakes in a second of the relay's own processor time", HANDSHAKES / (cpuMs / 1000), 'a second', {
      atLeast: 1000,
    }),
  ];
}

async function measureIdle(file: string, members: number): Promise<number> {
  const relay = await startRelayProcess('sotto', file);
  const before = await settledUsage(relay);
  let after = before;
  const idle = { rooms: 1, members, writers: 0, window: 0, warmupMs: 1000, measureMs: 4000 };
  await runLoad({ kind: 'sotto', origin: relay.origin, ...idle }, async () => {
    after = await settledUsage(relay);
  });
  await relay.stop();
  return (after.rss - before.rss) / 1e6;
}

async function settledUsage(relay: RelayProcess): Promise<Usage> {
  await wait(1000);
  await relay.usage();
  return relay.usage();
}

/** TCP, upgrade, Engine.IO and Socket.IO, until the relay said that the connection counts. */
async function measureHandshakes(file: string): Promise<{ seconds: number; cpuMs: number }> {
  const relay = await startRelayProcess('sotto', file);
  await shakeHands(relay.origin, 500);
  const before = await relay.usage();
  const { seconds } = await shakeHands(relay.origin, HANDSHAKES);
  const after = await relay.usage();
  await relay.stop();
  return { seconds, cpuMs: after.cpuMs - before.cpuMs };
}

async function shakeHands(origin: string, count: number): Promise<HandshakeResult> {
  const child = fork(join(import.meta.dirname, 'handshake-process.ts'), [origin, String(count)], {
    execArgv: [],
  });
  const [result] = await once(child, 'message');
  child.disconnect();
  return result;
}
