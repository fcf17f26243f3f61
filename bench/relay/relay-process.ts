// The relay under test in a process of its own. Argument: `sotto <file>`, `floor-msgpack` or `floor-default`.
// Says over IPC where it listens, and its memory when asked.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startLiveRelay } from '@sotto/relay/testing';
import { Server } from 'socket.io';
import * as messagePack from 'socket.io-msgpack-parser';

const [kind = 'sotto', file] = process.argv.slice(2);

process.on('message', () => {
  globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  const { user, system } = process.cpuUsage();
  process.send?.({ ...process.memoryUsage(), cpuMs: (user + system) / 1000 });
});
process.on('disconnect', () => process.exit());
process.send?.({ origin: kind === 'sotto' ? await startSotto() : await startFloor() });

async function startSotto(): Promise<string> {
  const rate = { perSecond: 1e6, burst: 1e6 };
  const gatherMs = Number(process.env.GATHER_MS ?? 1);
  const relay = await startLiveRelay({ ...(file === undefined ? {} : { path: file }), rate, gatherMs });
  return relay.origin;
}

/** What Socket.IO alone does: an acknowledged event to everybody else in a room. Nothing is checked, nothing is kept. */
async function startFloor(): Promise<string> {
  const server = createServer();
  const io = new Server(server, {
    transports: ['websocket'],
    perMessageDeflate: false,
    serveClient: false,
    ...(kind === 'floor-msgpack' ? { parser: messagePack } : {}),
  });
  io.engine.on('connection', (connection: { request: unknown }) => {
    connection.request = null;
  });
  io.on('connection', (socket) => {
    socket.on('join', (room: string, ack: (answer: unknown) => void) => {
      socket.join(room);
      ack({ ok: true });
    });
    let seq = 0;
    socket.on('append', (room: string, entry: unknown, ack: (answer: unknown) => void) => {
      socket.to(room).emit('entry', entry);
      seq += 1;
      ack({ ok: true, seq, time: Date.now() });
    });
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
