// The load, in a process of its own. Gets one LoadOrder over IPC, answers one LoadResult.
import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { connectClient, createRoom, type Kind, type LoadClient } from './clients.ts';

export interface LoadOrder {
  readonly kind: Kind;
  readonly origin: string;
  /** Where several relays are one: members connect to each in turn. */
  readonly origins?: readonly string[];
  /** Rooms, members of each, and how many of them write. */
  readonly rooms: number;
  readonly members: number;
  readonly writers: number;
  /** Appends that each writer keeps waiting for an ack; or, paced, appends a second of all writers together. */
  readonly window?: number;
  readonly appendsPerSecond?: number;
  readonly warmupMs: number;
  readonly measureMs: number;
}

export interface LoadResult {
  readonly deliveries: number;
  /** Processor time of the load itself. */
  readonly cpuMs: number;
  readonly deliveriesPerSecond: number;
  readonly appendsPerSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly ackP50: number;
}

/** Connections made at the same time. */
const CONNECTING = 20;

interface Writer {
  readonly author: number;
  readonly client: LoadClient;
  readonly room: Buffer;
}

process.on('message', async (order: LoadOrder) => process.send?.(await run(order)));
process.on('disconnect', () => process.exit());

async function run(order: LoadOrder): Promise<LoadResult> {
  const latencies: number[] = [];
  const acks: number[] = [];
  const count = { deliveries: 0, appends: 0, measuring: false, ended: false };
  const onEntry = (reader: number, body: Uint8Array): void => {
    // What a writer gets back of its own is not a delivery.
    if (!count.measuring || readAuthor(body) === reader) return;
    count.deliveries += 1;
    if (count.deliveries % 7 === 0) latencies.push(performance.now() - readTime(body));
  };
  const writers = await connectAll(order, onEntry);
  const append = async ({ client, room, author }: Writer): Promise<void> => {
    const sent = performance.now();
    await client.append(room, makeBody(sent, author));
    if (!count.measuring) return;
    count.appends += 1;
    acks.push(performance.now() - sent);
  };
  const keepFull = async (writer: Writer): Promise<void> => {
    while (!count.ended) await append(writer);
  };
  if (order.appendsPerSecond === undefined) {
    for (const writer of writers) for (let n = 0; n < (order.window ?? 1); n++) void keepFull(writer);
  } else {
    void pace(writers, order.appendsPerSecond, append, count);
  }
  await wait(order.warmupMs);
  count.measuring = true;
  const cpu = process.cpuUsage();
  process.send?.('measuring');
  const start = performance.now();
  await wait(order.measureMs);
  count.measuring = false;
  const seconds = (performance.now() - start) / 1000;
  count.ended = true;
  const { user, system } = process.cpuUsage(cpu);
  return {
    cpuMs: (user + system) / 1000,
    deliveries: count.deliveries,
    deliveriesPerSecond: count.deliveries / seconds,
    appendsPerSecond: count.appends / seconds,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    ackP50: percentile(acks, 0.5),
  };
}

async function connectAll(
  order: LoadOrder,
  onEntry: (reader: number, body: Uint8Array) => void,
): Promise<Writer[]> {
  const writers: Writer[] = [];
  let readers = 0;
  for (let r = 0; r < order.rooms; r++) {
    const room = randomBytes(32);
    await createRoom(order.kind, order.origin, room);
    const members: LoadClient[] = [];
    // Some at a time: a thousand at once would measure how the heap grows in a rush.
    while (members.length < order.members) {
      const some = Math.min(CONNECTING, order.members - members.length);
      const connecting = Array.from({ length: some }, (_, n) =>
        connectClient(order.kind, chooseOrigin(order, members.length + n)),
      );
      members.push(...(await Promise.all(connecting)));
    }
    for (const [place, client] of members.entries()) {
      const author = readers++;
      await client.follow(room, (body) => onEntry(author, body));
      if (place < order.writers) writers.push({ author, client, room });
    }
  }
  return writers;
}

function chooseOrigin({ origin, origins = [origin] }: LoadOrder, place: number): string {
  return origins[place % origins.length] ?? origin;
}

/** Sends at a steady rate, in small portions: a timer fires about once a millisecond. */
async function pace(
  writers: readonly Writer[],
  perSecond: number,
  append: (writer: Writer) => Promise<void>,
  count: { readonly ended: boolean },
): Promise<void> {
  const start = performance.now();
  let sent = 0;
  while (!count.ended) {
    const due = ((performance.now() - start) / 1000) * perSecond;
    for (; sent < due; sent++) void append(writers[sent % writers.length]!);
    await wait(1);
  }
}

/** 200 bytes; in front the time and the author. */
function makeBody(time: number, author: number): Buffer {
  const body = Buffer.alloc(200, 7);
  body.writeUInt32BE(author, body.writeDoubleBE(time));
  return body;
}

function readTime(body: Uint8Array): number {
  return new DataView(body.buffer, body.byteOffset).getFloat64(0);
}

function readAuthor(body: Uint8Array): number {
  return new DataView(body.buffer, body.byteOffset).getUint32(8);
}

function percentile(values: number[], share: number): number {
  values.sort((a, b) => a - b);
  return values[Math.floor(values.length * share)] ?? Number.NaN;
}
