import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import * as messagePack from 'socket.io-msgpack-parser';
import { describe, expect, it } from 'vitest';
import { createSocketLink, type SocketLinkOptions } from '../../src/drivers/socket-link.ts';
import { type LinkUnderTest, runLinkContract, type ScriptedRelay } from '../link/relay-link-contract.ts';

const start = async (
  script: ScriptedRelay,
  options: Partial<SocketLinkOptions> = {},
): Promise<LinkUnderTest> => {
  const http = createServer();
  const relay = new Server(http, { transports: ['websocket'], parser: messagePack });
  relay.use((socket, next) => {
    const { token, protocol } = socket.handshake.auth;
    const code = script.handshake({ token, protocol });
    next(code === undefined ? undefined : new Error(code));
  });
  relay.on('connection', (socket) => {
    socket.onAny((name, request, ack) => void script.handle(name, request).then(ack));
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const link = createSocketLink({
    ...options,
    origin: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
  });
  return {
    link,
    push: (name, notice) => relay.emit(name, inBuffers(notice)),
    cut: () => relay.disconnectSockets(true),
    stop: async () => {
      link.close();
      await relay.close();
    },
  };
};

describe('Socket.IO link', () => {
  runLinkContract(start);

  it('[VAULT22] answers offline when nobody listens, and when the ack takes too long', async () => {
    const nobody = createSocketLink({ origin: 'http://127.0.0.1:9', connectTimeoutMs: 2000 });
    expect(await nobody.open('token')).toEqual({ ok: false, code: 'offline' });
    const silent = { handshake: () => undefined, handle: () => new Promise(() => undefined) };
    const { link, stop } = await start(silent, { ackTimeoutMs: 50 });
    await link.open('token');
    expect(await link.request('inbox:trim', { upTo: 1 })).toEqual({ ok: false, code: 'offline' });
    await stop();
  });
});

/** What the relay's own side of the parser needs. */
function inBuffers(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, inBuffers(member)]));
}
