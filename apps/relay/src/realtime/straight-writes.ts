import type { IncomingMessage } from 'node:http';
import type { Socket as TcpSocket } from 'node:net';

/**
 * Engine.IO hands its WebSocket one packet, waits until that is written, then hands it the next: each packet costs a system call
 * and a turn, and what waits is hidden. Here packets go to the WebSocket at once, and what one turn of the event loop writes to a
 * connection leaves in one system call.
 */

/** What Engine.IO's connection is, as far as this file reaches into it. */
export interface EngineConnection {
  request: IncomingMessage | undefined;
  readonly transport: { readonly socket: WebSocketEnd };
  write(data: unknown): unknown;
}

/** The WebSocket of a connection. */
interface WebSocketEnd {
  /** Bytes that were sent and have not left. */
  readonly bufferedAmount: number;
  send(data: unknown): void;
  terminate(): void;
}

/** Makes connections write straight. One for each server. */
export function createStraightWrites(): (connection: EngineConnection) => void {
  const corked: TcpSocket[] = [];
  const uncorkAll = (): void => {
    for (const socket of corked.splice(0)) socket.uncork();
  };
  return (connection) => {
    const socket = connection.request?.socket;
    const { socket: end } = connection.transport;
    connection.write = (data) => {
      if (socket !== undefined && socket.writableCorked === 0) {
        if (corked.length === 0) setImmediate(uncorkAll);
        socket.cork();
        corked.push(socket);
      }
      end.send(data);
      return connection;
    };
  };
}
