// Processor time of one delivered message in a log of 100 readers, beside a bare Socket.IO relay, in the same run.
import { join } from 'node:path';
import { type RelayProcess, runLoad, startRelayProcess } from '../relay/processes.ts';
import { median, type Row } from '../results.ts';
import { drawChart } from './chart.ts';
import { row } from './row.ts';

const ROUNDS = 3;
const SHAPE = { rooms: 1, members: 100, writers: 10, window: 8, warmupMs: 800, measureMs: 2000 };

export async function measureFanOut(folder: string): Promise<Row[]> {
  const relays = [
    await startRelayProcess('sotto', join(folder, 'fan-out.sqlite')),
    await startRelayProcess('floor-msgpack', ''),
  ] as const;
  const micros: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    for (const place of [0, 1] as const) micros[place].push(await measure(relays[place]));
  }
  for (const relay of relays) await relay.stop();
  const [ours, floor] = micros.map(median) as [number, number];
  drawChart({
    name: 'scale-delivery',
    title: 'Processor time of one delivery, 100 readers',
    unit: 'µs',
    bars: [
      { label: 'sotto, durable', value: ours },
      { label: 'bare Socket.IO', value: floor },
    ],
  });
  return [
    row('processor time of one delivery, 100 readers: sotto, SQLite', ours, 'µs'),
    row('processor time of one delivery, 100 readers: bare Socket.IO', floor, 'µs'),
    row('processor time of one delivery, 100 readers: ratio', ours / floor, 'times the floor', {
      atMost: 1.5,
    }),
  ];
}

/** Microseconds of the relay's process, threads included. */
async function measure(relay: RelayProcess): Promise<number> {
  let before = 0;
  const { deliveries } = await runLoad({ kind: relay.kind, origin: relay.origin, ...SHAPE }, async () => {
    before = (await relay.usage()).cpuMs;
  });
  const after = (await relay.usage()).cpuMs;
  return ((after - before) * 1000) / deliveries;
}
