import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect as connectTcp } from 'node:net';
import { type AckOf, decodeRun, LIMITS, PROTOCOL_VERSION, type RequestName } from '@sotto/protocol';
import { io, type Socket } from 'socket.io-client';
import * as messagePack from 'socket.io-msgpack-parser';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Authenticate } from '../../src/realtime/session.ts';
import { createSocketServer } from '../../src/realtime/socket-server.ts';
import { StoreError } from '../../src/store/store-error.ts';
import { startLiveRelay, testToken } from '../../src/testing.ts';
import {
  ALICE,
  append,
  BOB,
  CAROL,
  createFamily,
  FAMILY,
  filled,
  type Person,
  seqsOf,
  subscribe,
} from './live-relay.ts';

let relay: Awaited<ReturnType<typeof startLiveRelay>>;
let opened: Socket[];

beforeEach(async () => {
  opened = [];
  relay = await startLiveRelay({ rate: { perSecond: 1e6, burst: 1e6 } });
});
afterEach(async () => {
  for (const socket of opened) socket.disconnect();
  await relay.close();
});

function open(auth: object, more: object = {}): Socket {
  const socket = io(relay.origin, {
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
    parser: messagePack,
    auth,
    ...more,
  });
  opened.push(socket);
  return socket;
}

/** Alice at another door of the same relay, which asks somebody else who comes. */
async function openBeside(authenticate: Authenticate) {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { connections } = relay;
  const door = createSocketServer({ server, connections, authenticate, origin: () => origin });
  const close = () => {
    door.close();
    server.close();
  };
  const socket = io(origin, {
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
    parser: messagePack,
    auth: good(),
  });
  return { socket, close };
}
const good = (who = ALICE) => ({ token: testToken(who), protocol: PROTOCOL_VERSION });

async function connect(who = ALICE): Promise<Socket> {
  const socket = open(good(who));
  await once(socket as never, 'connect');
  return socket;
}

function ask<N extends RequestName>(socket: Socket, name: N, request: unknown): Promise<AckOf<N>> {
  return new Promise((resolve) => socket.emit(name, toBuffers(request), resolve));
}
const toBuffers = (request: unknown) =>
  Object.fromEntries(
    Object.entries(request as object).map(([key, field]) => [
      key,
      field instanceof Uint8Array ? Buffer.from(field) : field,
    ]),
  );
const asPerson = (socket: Socket) =>
  ({ ask: (name: never, request: unknown) => ask(socket, name, request) }) as unknown as Person;

describe('sockets', () => {
  it('[LOG2] carry a request, its ack and its delivery', async () => {
    const [alice, bob] = await Promise.all([connect(ALICE), connect(BOB)]);
    expect(await createFamily(asPerson(alice))).toEqual({ ok: true });
    expect(seqsOf(await ask(bob, 'log:subscribe', subscribe()))).toEqual([]);
    const arrival = once(bob as never, 'log:entries');
    expect(await ask(alice, 'log:append', append(1))).toMatchObject({ ok: true, seq: 1 });
    const [notice] = await arrival;
    expect(Buffer.compare(notice.log, FAMILY)).toBe(0);
    expect(decodeRun(notice.run)?.[0]?.body).toEqual(Buffer.from(filled(20, 1)));
  });

  it.each([
    ['nothing', {}, 'bad_request'],
    ['another version', { ...good(), protocol: PROTOCOL_VERSION + 1 }, 'version_unsupported'],
    ['no token', { ...good(), token: 'x' }, 'unauthorized'],
    ['a token of 60 kB', { ...good(), token: 'x'.repeat(60_000) }, 'bad_request'],
    ['more than it should', { ...good(), more: 1 }, 'bad_request'],
  ])('[LOG11] are refused when they show %s', async (_, auth, code) => {
    const [error] = await once(open(auth) as never, 'connect_error');
    expect(error.data).toEqual({ code });
  });

  it('[LOG11] answer nothing before the handshake', async () => {
    const socket = new WebSocket(
      `${relay.origin.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`,
    );
    socket.binaryType = 'arraybuffer';
    const said: unknown[] = [];
    socket.addEventListener('message', ({ data }) => said.push(data));
    await once(socket, 'open');
    const closed = once(socket, 'close');
    const early = { type: 2, data: ['inbox:read', { after: 0 }], id: 1, nsp: '/' };
    const [bytes] = new messagePack.Encoder().encode(early) as unknown as [Uint8Array<ArrayBuffer>];
    socket.send(bytes);
    await closed;
    expect(said.filter((data) => typeof data !== 'string')).toEqual([]);
  });

  it('[LOG12] are not for pages of other origins', async () => {
    const status = (origin: string | undefined) =>
      new Promise<string>((resolve) => {
        const tcp = connectTcp(Number(new URL(relay.origin).port), '127.0.0.1');
        tcp.write(
          `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
            `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n` +
            `${origin === undefined ? '' : `Origin: ${origin}\r\n`}\r\n`,
        );
        tcp.once('data', (data) => {
          tcp.destroy();
          resolve(data.toString().slice(9, 12));
        });
      });
    expect(await status(relay.origin)).toBe('101');
    expect(await status(undefined)).toBe('101');
    expect(await status('https://evil.example')).toBe('400');
    expect(await status('null')).toBe('400');
  });

  it('[LOG12] are WebSockets; polling is not served', async () => {
    const answer = await fetch(`${relay.origin}/socket.io/?EIO=4&transport=polling`);
    expect(answer.status).toBe(400);
  });

  it.each([
    ['is no packet', Buffer.from([0xc1, 0xff, 0x00])],
    ['is larger than any request', Buffer.alloc(LIMITS.socketFrame + 1, 0xc0)],
    ['is text', '2["log:read",{}]'],
  ])('[LOG13] cut the connection alone whose frame %s', async (_, frame) => {
    const [alice, eve] = await Promise.all([connect(ALICE), connect(CAROL)]);
    const gone = once(eve as never, 'disconnect');
    eve.io.engine.write(frame as never);
    await gone;
    expect(await ask(alice, 'inbox:read', { after: 0 })).toMatchObject({ ok: true });
  });

  it('[LOG10] end with their session, which they are told', async () => {
    const [alice, bob] = await Promise.all([connect(ALICE), connect(BOB)]);
    const notice = once(bob as never, 'session:ended');
    const gone = once(bob as never, 'disconnect');
    relay.connections.endSession(BOB.id);
    await Promise.all([notice, gone]);
    expect(alice.connected).toBe(true);
  });

  it.each([
    ['unavailable', new StoreError('unavailable')],
    ['storage_full', new StoreError('storage_full')],
    ['internal', new TypeError('a mistake of ours')],
  ])('[LOG31] a handshake that a store fails is told %s', async (code, failure) => {
    const { socket, close } = await openBeside(() => Promise.reject(failure));
    const [refusal] = await once(socket as never, 'connect_error');
    expect(refusal.data).toEqual({ code });
    close();
  });

  it('[LOG10] do not outlive a session that ended while they were being made', async () => {
    let looks = 0;
    const authenticate: Authenticate = async () => {
      looks += 1;
      return looks === 1 ? ALICE : { ok: false, code: 'session_ended' };
    };
    const { socket, close } = await openBeside(authenticate);
    await once(socket as never, 'disconnect');
    expect(looks).toBe(2);
    close();
  });

  it('[LOG14] are cut when they do not read, while others go on', async () => {
    const [alice, bob, slow] = await Promise.all([connect(ALICE), connect(BOB), connect(CAROL)]);
    await createFamily(asPerson(alice));
    await ask(bob, 'log:subscribe', subscribe());
    await ask(slow, 'log:subscribe', subscribe());
    let arrived = 0;
    bob.on('log:entries', () => {
      arrived += 1;
    });
    const transport = slow.io.engine.transport as unknown as { ws: { pause(): void; resume(): void } };
    transport.ws.pause();
    const gone = once(slow as never, 'disconnect');
    // More than the send buffer and all that the system holds for a socket that nobody reads.
    for (let n = 1; n <= 400; n++) {
      await ask(alice, 'log:append', { ...append(n), body: filled(LIMITS.messageBody, 1) });
    }
    transport.ws.resume();
    await gone;
    expect(arrived).toBe(400);
    const back = await connect(CAROL);
    expect(seqsOf(await ask(back, 'log:subscribe', subscribe(0, 398)))).toEqual([399, 400]);
  });
});
