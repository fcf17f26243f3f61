// Makes so many connections, some at a time, and closes each when the relay counts it. By hand, for a client of Socket.IO
// takes more of the machine than the relay does. Arguments: origin, how many.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { PROTOCOL_VERSION } from '@sotto/protocol';
import { testToken } from '@sotto/relay/testing';
import * as messagePack from 'socket.io-msgpack-parser';

export interface HandshakeResult {
  readonly seconds: number;
}

const AT_ONCE = 64;
const UPGRADE =
  'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ';

const [origin = '', count = '0'] = process.argv.slice(2);
const { hostname, port } = new URL(origin);
let left = Number(count);
const start = performance.now();
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    while (left-- > 0) await shakeHands();
  }),
);
process.send?.({ seconds: (performance.now() - start) / 1000 } satisfies HandshakeResult);
process.on('disconnect', () => process.exit());

async function shakeHands(): Promise<void> {
  const tcp = connect(Number(port), hostname);
  tcp.write(`${UPGRADE}${randomBytes(16).toString('base64')}\r\n\r\n`);
  let said = Buffer.alloc(0);
  const until = async (isThere: (said: Buffer) => boolean) => {
    while (!isThere(said)) said = Buffer.concat([said, ...(await once(tcp, 'data'))]);
  };
  // Engine.IO's own greeting comes right behind the answer to the upgrade.
  await until((bytes) => bytes.includes('"sid"'));
  said = Buffer.alloc(0);
  const session = { account: randomBytes(16), device: randomBytes(16), id: randomBytes(16) };
  const auth = { token: testToken(session as never), protocol: PROTOCOL_VERSION };
  tcp.write(frameOf(encode({ type: 0, data: auth, nsp: '/' })));
  await until((bytes) => bytes.includes('sid'));
  tcp.destroy();
}

function encode(packet: object): Buffer {
  return (new messagePack.Encoder().encode(packet as never) as unknown as [Buffer])[0];
}

/** A short binary WebSocket frame as clients send it: masked, here with zeros. */
function frameOf(payload: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head[0] = 0x82;
  head[1] = 0x80 | 126;
  head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, payload]);
}
