import { randomBytes } from 'node:crypto';
import * as messagePack from 'socket.io-msgpack-parser';

/** The request that begins a WebSocket to a relay, for clients made by hand. */
export function upgradeRequest(): string {
  const key = randomBytes(16).toString('base64');
  return (
    'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
    `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`
  );
}

/** A packet of Socket.IO. */
export function packet(content: object): Buffer {
  return (new messagePack.Encoder().encode(content as never) as unknown as [Buffer])[0];
}

/** A binary WebSocket frame as clients send it: masked, here with zeros (RFC 6455 §5.3). */
export function frameOf(payload: Buffer): Buffer {
  const head = Buffer.alloc(14);
  head[0] = 0x82;
  let length = 2;
  if (payload.length < 126) head[1] = 0x80 | payload.length;
  else {
    head[1] = 0x80 | 127;
    head.writeBigUInt64BE(BigInt(payload.length), 2);
    length = 10;
  }
  return Buffer.concat([head.subarray(0, length + 4), payload]);
}
