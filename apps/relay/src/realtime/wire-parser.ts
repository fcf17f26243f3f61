import { EventEmitter } from 'node:events';
import { decodeMessagePack } from './message-pack-decode.ts';
import { encodeMessagePack } from './message-pack-encode.ts';

/** A packet of the Socket.IO protocol, version 5. */
export interface Packet {
  readonly type: number;
  readonly nsp: string;
  readonly data?: unknown;
  readonly id?: number;
}

/**
 * What Socket.IO tells itself of a connection under these names, it hears from a client in the same way: a "disconnect"
 * from there would take the connection off our books and leave it open.
 */
const RESERVED: ReadonlySet<string> = new Set([
  'connect',
  'connect_error',
  'disconnect',
  'disconnecting',
  'error',
  'newListener',
  'removeListener',
]);

/** What `socket.io-msgpack-parser` leaves to its readers; other types are for other parsers. */
const PACKET = { connect: 0, disconnect: 1, event: 2, ack: 3, connectError: 4 } as const;

/**
 * The relay's side of the MessagePack parser of Socket.IO. Clients use `socket.io-msgpack-parser`; the bytes are the same. A
 * notice that goes to many is encoded once.
 */
export function createWireParser() {
  const encodedByNotice = new WeakMap<object, Buffer>();

  const encodePacket = (packet: Packet): Buffer => {
    const notice = noticeOf(packet);
    const known = notice === undefined ? undefined : encodedByNotice.get(notice);
    if (known !== undefined) return known;
    const { type, nsp, data, id } = packet;
    const encoded = encodeMessagePack({ type, data, id, nsp });
    if (notice !== undefined) encodedByNotice.set(notice, encoded);
    return encoded;
  };

  class Encoder {
    encode(packet: Packet): Buffer[] {
      return [encodePacket(packet)];
    }
  }
  return { Encoder, Decoder };
}

/** Emits `decoded` for each packet. `add` throws for what is none: Socket.IO then closes the connection. */
class Decoder extends EventEmitter {
  add(frame: unknown): void {
    if (!(frame instanceof Uint8Array)) throw new TypeError('packets are binary');
    const packet = decodeMessagePack(frame);
    if (!isPacket(packet)) throw new TypeError('not a packet');
    this.emit('decoded', packet);
  }

  destroy(): void {}
}

function isPacket(value: unknown): value is Packet {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { type, nsp, data, id } = value as Record<string, unknown>;
  if (typeof nsp !== 'string') return false;
  if (id !== undefined && !Number.isSafeInteger(id)) return false;
  switch (type) {
    case PACKET.connect:
      return data === undefined || (typeof data === 'object' && data !== null && !Array.isArray(data));
    case PACKET.disconnect:
      return data === undefined;
    case PACKET.event:
      return Array.isArray(data) && typeof data[0] === 'string' && !RESERVED.has(data[0]);
    case PACKET.ack:
      return Array.isArray(data);
    default:
      return false;
  }
}

/** The notice of a packet that any peer may get as it stands. */
function noticeOf({ type, nsp, data, id }: Packet): object | undefined {
  if (type !== PACKET.event || id !== undefined || nsp !== '/' || !Array.isArray(data)) return undefined;
  const notice: unknown = data[1];
  return typeof notice === 'object' && notice !== null ? notice : undefined;
}
