import { PROTOCOL_VERSION } from '@sotto/protocol';
import { io, type Socket } from 'socket.io-client';
import * as messagePack from 'socket.io-msgpack-parser';
import type { RelayLink } from '../link/relay-link.ts';
import { readAck, readHandshakeRefusal, readNotice } from './link-answers.ts';
import { fromWire, toWire } from './wire-bytes.ts';

export interface SocketLinkOptions {
  /** scheme://host[:port]. */
  readonly origin: string;
  /** How long an ack may take before the request counts as lost. */
  readonly ackTimeoutMs?: number | undefined;
  readonly connectTimeoutMs?: number | undefined;
}

/** The relay's live half over Socket.IO, by WebSocket only: the token goes in the handshake, never in a URL. */
export function createSocketLink(options: SocketLinkOptions): RelayLink {
  let current: Socket | undefined;
  let notify: Parameters<RelayLink['onNotice']>[0] = () => undefined;
  let tellDown: () => void = () => undefined;

  function drop(): void {
    const dropped = current;
    current = undefined;
    dropped?.disconnect();
  }

  function attach(socket: Socket): void {
    let opened = false;
    socket.once('connect', () => {
      opened = true;
    });
    socket.onAny((name, notice) => {
      const read = socket === current ? readNotice(name, fromWire(notice)) : undefined;
      if (read !== undefined) notify(read.name, read.notice);
    });
    socket.on('disconnect', () => {
      if (socket !== current || !opened) return;
      current = undefined;
      // The transport may still be up when the relay ended only the namespace.
      socket.disconnect();
      tellDown();
    });
  }

  return {
    async open(token) {
      drop();
      const socket = makeSocket(options, token);
      current = socket;
      attach(socket);
      const code = await handshake(socket);
      if (code === undefined && socket === current) return { ok: true };
      socket.disconnect();
      if (socket === current) current = undefined;
      return { ok: false, code: code ?? 'offline' };
    },
    close: drop,
    request(name, request) {
      const socket = current;
      // Socket.IO would keep it and send it with a later connection: the engine decides that, not the driver.
      if (socket?.connected !== true) return Promise.resolve({ ok: false, code: 'offline' });
      return new Promise((resolve) => {
        const timed = socket.timeout(options.ackTimeoutMs ?? 20_000);
        timed.emit(name, toWire(request), (lost: Error | null, answer: unknown) => {
          resolve(lost === null ? readAck(name, fromWire(answer)) : { ok: false, code: 'offline' });
        });
      });
    },
    onNotice(handler) {
      notify = handler;
    },
    onDown(handler) {
      tellDown = handler;
    },
  };
}

function makeSocket(options: SocketLinkOptions, token: string): Socket {
  return io(options.origin, {
    transports: ['websocket'],
    parser: messagePack,
    auth: { token, protocol: PROTOCOL_VERSION },
    forceNew: true,
    reconnection: false,
    timeout: options.connectTimeoutMs ?? 10_000,
    closeOnBeforeunload: false,
  });
}

/** Undefined when the relay took the handshake, else why not. */
function handshake(socket: Socket): Promise<string | undefined> {
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(undefined));
    socket.once('disconnect', () => resolve('offline'));
    socket.once('connect_error', (error) => resolve(readHandshakeRefusal(codeOf(error))));
  });
}

function codeOf(error: Error & { readonly data?: unknown }): unknown {
  const { data } = error;
  const said = typeof data === 'object' && data !== null && 'code' in data ? data.code : undefined;
  return said ?? error.message;
}
