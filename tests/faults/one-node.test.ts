import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectTcp, type Socket as TcpSocket } from 'node:net';
import { LIMITS, PROTOCOL_VERSION } from '@sotto/protocol';
import { io } from 'socket.io-client';
import * as messagePack from 'socket.io-msgpack-parser';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { check } from './check.ts';
import { frameOf, packet, upgradeRequest } from './frames.ts';
import { type Grounds, openGrounds } from './grounds.ts';
import { type Load, startLoad, untilAcked } from './load.ts';
import { type Client, createClient, type Somebody, signUp } from './people.ts';
import { createReader } from './reader.ts';
import { createThread, type Thread } from './thread.ts';
import { createTown, type Town } from './town.ts';
import { createLog } from './writer.ts';

let grounds: Grounds;
let load: Load | undefined;
let town: Town;
beforeAll(async () => {
  const opened = await openGrounds({ store: 'sqlite', nodes: 1 });
  if (typeof opened === 'string') throw new Error(opened);
  grounds = opened;
}, 120_000);
afterEach(() => {
  load?.close();
  town?.leave();
});
afterAll(() => grounds?.close());

describe('one relay', { timeout: 120_000 }, () => {
  it('[LOG29] is stopped under load and started again: each send is answered, or was sent once more', async () => {
    const shape = { writers: 4, window: 4, readers: 2, commits: 0 };
    load = await startLoad(grounds.town, shape);
    const { ledger } = load;
    const [place] = grounds.places;
    await untilAcked(load, 200);
    const running = place?.node();
    const stopped = running?.kill('SIGTERM');
    grounds.town.shut(running!);
    expect(await stopped).toBe(0);
    await place?.start();
    await untilAcked(load, 200);
    const tally = check(await load.finish(30_000));
    expect(tally).toMatchObject({ problems: [], lost: 0, doubled: 0, outOfOrder: 0 });
    // Refused while it drained, or cut unanswered: no more than that of each that was under way.
    expect(ledger.sends - tally.acks).toBeLessThanOrEqual(2 * shape.writers * shape.window);
    expect([...ledger.refusals.keys()].filter((code) => code !== 'unavailable')).toEqual([]);
  });

  it('[LOG14] [LOG15] a reader that stands still is cut and reads on, and others notice nothing', async () => {
    const { alice, bob, thread, write } = await gather('slow');
    const quick = createReader(town, bob, thread);
    const slow = await connectRaw(alice);
    const { log, tokenOf } = thread;
    expect(
      await slow.emitWithAck('log:subscribe', { log, epoch: 0, token: tokenOf(0), after: 0 }),
    ).toMatchObject({
      ok: true,
    });
    const transport = slow.io.engine.transport as unknown as { ws: { pause(): void; resume(): void } };
    transport.ws.pause();
    const gone = once(slow as never, 'disconnect');
    const before = await write(60, LIMITS.messageBody);
    const during = await write(340, LIMITS.messageBody);
    await vi.waitFor(() => expect(quick.shown.length).toBe(400), { timeout: 20_000 });
    expect(quick.gaps()).toBe(0);
    expect(median(during)).toBeLessThan(4 * median(before) + 20);
    transport.ws.resume();
    await gone;
    // From nothing, as a device that comes back after long.
    const back = createReader(town, alice, thread);
    await vi.waitFor(() => expect(back.shown).toEqual(quick.shown), { timeout: 20_000 });
    quick.close();
    back.close();
  });

  it.each([
    ['of garbage', Buffer.from([0xc1, 0xff, 0x00])],
    ['that are larger than any request', Buffer.alloc(LIMITS.socketFrame + 1, 0xc0)],
    ['that are tiny, and packets', packet({ type: 2, data: ['x'], nsp: '/' })],
  ])('[LOG13] [LOG7] a flood of frames %s is cut, and harms nobody else', async (_, frame) => {
    const { alice, write } = await gather(`flood-${frame.length}`);
    const calm = await write(50, 200);
    const flooder = await upgrade(alice);
    const cut = flood(flooder, frameOf(frame));
    const during = await write(50, 200);
    await cut;
    const after = await write(50, 200);
    const middles = [calm, during, after].map((times) => median(times).toFixed(1)).join(', ');
    console.info(
      `ms to an ack before, during and after a flood of ${flooder.bytesWritten} bytes: ${middles}`,
    );
    expect(median(during)).toBeLessThan(4 * median(calm) + 100);
  });
});

/** Two people, a log, and what it takes to write into it: milliseconds to each ack, one after the other. */
async function gather(name: string) {
  town = createTown(grounds.town.origin);
  const node = grounds.places[0]?.node();
  if (node !== undefined) town.open(node);
  const [alice, bob] = [await signUp(town, `${name}-a`), await signUp(town, `${name}-b`)];
  const thread = createThread();
  const client = createClient(town, bob);
  await createLog(client, thread);
  return { alice, bob, thread, write: (count: number, size: number) => append(client, thread, count, size) };
}

async function append(
  client: Client,
  { log, tokenOf }: Thread,
  count: number,
  size: number,
): Promise<number[]> {
  const times: number[] = [];
  for (let n = 0; n < count; n++) {
    const start = performance.now();
    const entry = { log, token: tokenOf(0), id: randomBytes(16), epoch: 0, body: Buffer.alloc(size, 1) };
    expect(await client.ask('log:append', entry)).toMatchObject({ ok: true });
    times.push(performance.now() - start);
  }
  return times;
}

/** A connection that the test can hold still. */
async function connectRaw(who: Somebody) {
  const socket = io((await town.pick()) ?? '', {
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
    parser: messagePack,
    auth: { token: await who.token(), protocol: PROTOCOL_VERSION },
  });
  await once(socket as never, 'connect');
  return socket;
}

/** A WebSocket by hand, whose client does not do as it should. It is past the handshake. */
async function upgrade(who: Somebody): Promise<TcpSocket> {
  const { hostname, port } = new URL((await town.pick()) ?? '');
  const tcp = connectTcp(Number(port), hostname);
  tcp.on('error', () => tcp.destroy());
  tcp.write(upgradeRequest());
  await once(tcp, 'data');
  const auth = { token: await who.token(), protocol: PROTOCOL_VERSION };
  tcp.write(frameOf(packet({ type: 0, data: auth, nsp: '/' })));
  await once(tcp, 'data');
  tcp.resume();
  return tcp;
}

/** Writes frames as fast as the other side takes them, until the connection is gone. */
function flood(tcp: TcpSocket, frame: Buffer): Promise<void> {
  const many = Buffer.concat(Array.from({ length: Math.ceil(65_536 / frame.length) }, () => frame));
  const write = () => {
    while (!tcp.destroyed && tcp.write(many)) {}
  };
  tcp.on('drain', write);
  write();
  return new Promise((resolve) => tcp.once('close', () => resolve()));
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
