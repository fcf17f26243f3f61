import { createHash, randomBytes } from 'node:crypto';
import { decodeRun, PROTOCOL_VERSION } from '@sotto/protocol';
import { testToken } from '@sotto/relay/testing';
import { io, type Socket } from 'socket.io-client';
import * as messagePack from 'socket.io-msgpack-parser';

/** One connected client of either relay, with only what the load needs. */
export interface LoadClient {
  /** Follows a room; `onEntry` gets each body that arrives. */
  follow(room: Buffer, onEntry: (body: Uint8Array) => void): Promise<void>;
  /** Sends a body; resolves with the ack. */
  append(room: Buffer, body: Buffer): Promise<void>;
  close(): void;
}

export type Kind = 'sotto' | 'floor-msgpack' | 'floor-default';

const TOKEN = Buffer.alloc(32, 5);

export async function connectClient(kind: Kind, origin: string): Promise<LoadClient> {
  const session = { account: randomBytes(16), device: randomBytes(16), id: randomBytes(16) };
  const socket = io(origin, {
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
    ...(kind === 'floor-default' ? {} : { parser: messagePack }),
    auth: { token: testToken(session as never), protocol: PROTOCOL_VERSION },
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once('connect', resolve);
  socket.once('connect_error', reject);
  await promise;
  return kind === 'sotto' ? sottoClient(socket) : floorClient(socket);
}

function ask(socket: Socket, ...args: [string, ...unknown[]]): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.emit(...args, (answer: { ok: boolean; code?: string }) => {
    if (answer.ok) resolve();
    else reject(new Error(answer.code));
  });
  return promise;
}

function sottoClient(socket: Socket): LoadClient {
  return {
    async follow(room, onEntry) {
      socket.on('log:entries', (notice: { run: Uint8Array }) => {
        for (const entry of decodeRun(notice.run) ?? []) onEntry(entry.body);
      });
      await ask(socket, 'log:subscribe', { log: room, epoch: 0, token: TOKEN, after: 0 });
    },
    append: (room, body) =>
      ask(socket, 'log:append', { log: room, token: TOKEN, id: randomBytes(16), epoch: 0, body }),
    close: () => socket.disconnect(),
  };
}

/** Opens the log of a room; the floor has none. */
export async function createRoom(kind: Kind, origin: string, room: Buffer): Promise<void> {
  if (kind !== 'sotto') return;
  const session = { account: randomBytes(16), device: randomBytes(16), id: randomBytes(16) };
  const auth = { token: testToken(session as never), protocol: PROTOCOL_VERSION };
  const socket = io(origin, { transports: ['websocket'], forceNew: true, parser: messagePack, auth });
  const tokenHash = createHash('sha256').update(TOKEN).digest();
  await ask(socket, 'log:create', { log: room, tokenHash });
  socket.disconnect();
}

function floorClient(socket: Socket): LoadClient {
  return {
    async follow(room, onEntry) {
      socket.on('entry', (entry: { body: Uint8Array }) => onEntry(entry.body));
      await ask(socket, 'join', room.toString('hex'));
    },
    append: (room, body) => ask(socket, 'append', room.toString('hex'), { id: randomBytes(16), body }),
    close: () => socket.disconnect(),
  };
}
