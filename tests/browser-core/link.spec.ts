import { expect, test } from '@playwright/test';
import { type Entry, encodeCbor, encodeRun } from '@sotto/protocol';
import { Server } from 'socket.io';
import * as messagePack from 'socket.io-msgpack-parser';
import type { Talk } from '../../packages/core/test/browser/link-worker.ts';
import { type Served, serve } from './serve.ts';

const run = encodeRun([
  {
    seq: 1,
    time: 5,
    id: new Uint8Array(16),
    epoch: 2,
    kind: 'message',
    body: Uint8Array.of(1, 2, 3),
  } as unknown as Entry,
]);
const about = {
  protocol: 1,
  directory: 'exact',
  entryDays: 30,
  registration: 'open',
  mail: false,
  emailRequired: false,
};
const heard: unknown[] = [];
let served: Served;
let relay: Server;

test.beforeAll(async () => {
  served = await serve({ link: 'packages/core/test/browser/link-worker.ts' }, (request, response) => {
    if (request.url !== '/about') return false;
    response.writeHead(200, { 'content-type': 'application/cbor' }).end(encodeCbor(about));
    return true;
  });
  relay = new Server(served.server, { transports: ['websocket'], parser: messagePack });
  relay.on('connection', (socket) => {
    heard.push(socket.handshake.auth);
    socket.emit('log:entries', { log: Buffer.alloc(32, 1), run: Buffer.from(run) });
    socket.on('log:read', (request, ack) => {
      heard.push(request);
      ack({ ok: true, run: Buffer.from(run), head: { epoch: 2, seq: 1 } });
    });
  });
});
test.afterAll(async () => {
  await relay.close();
  await served.close();
});

test('[VAULT20] a worker of a browser sends and gets bytes as bytes, over Socket.IO and fetch', async ({
  page,
}) => {
  await page.goto(served.origin);
  const told = await page.evaluate(async (origin) => {
    const { value } = await window.tell('/link.js', origin);
    const { opened, answer, told: notice, lost, about } = value as Talk;
    const list = (bytes: unknown) =>
      bytes instanceof Uint8Array ? [...bytes] : `no bytes: ${String(bytes)}`;
    const [read, pushed] = [answer, notice.value] as { readonly run?: unknown; readonly head?: unknown }[];
    const { name } = notice;
    return {
      opened,
      read: list(read?.run),
      head: read?.head,
      name,
      notice: list(pushed?.run),
      lost,
      about,
    };
  }, served.origin);
  expect(told).toEqual({
    opened: { ok: true },
    read: [...run],
    head: { epoch: 2, seq: 1 },
    name: 'log:entries',
    notice: [...run],
    lost: { ok: false, code: 'offline' },
    about: { ok: true, value: about },
  });
  const [auth, request] = heard as [unknown, { log: Buffer; token: Buffer }];
  expect(auth).toEqual({ token: 'token', protocol: 1 });
  expect([...request.log, ...request.token]).toEqual(Array.from({ length: 64 }, (_, at) => at));
});
