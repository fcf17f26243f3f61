/**
 * MessagePack as a stranger sends it: as much of it as Socket.IO packets need (nil, booleans, integers, doubles, UTF-8 strings,
 * byte strings, arrays, maps with text keys), and nothing else. What is read here was written by `notepack.io`, which
 * clients use; a property test holds the two together.
 */

/** What lies deeper is refused: the deepest request holds a Welcome in a list in a request in a packet. */
const MAX_DEPTH = 8;

/** Bytes that are not such a value. What they are is the sender's doing. */
export class MessagePackError extends Error {
  override readonly name = 'MessagePackError';
}

/** Reads one value that fills `bytes`. Byte strings in it are views. Throws MessagePackError. */
export function decodeMessagePack(bytes: Uint8Array): unknown {
  const reader = new Reader(bytes);
  const value = reader.readValue(0);
  if (reader.at !== bytes.length) throw new MessagePackError('bytes are left over');
  return value;
}

class Reader {
  at = 0;
  readonly #bytes: Buffer;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.isBuffer(bytes)
      ? bytes
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  readValue(depth: number): unknown {
    const tag = this.#uint(1);
    if (tag < 0x80) return tag;
    if (tag < 0x90) return this.#map(tag & 0x0f, depth);
    if (tag < 0xa0) return this.#array(tag & 0x0f, depth);
    if (tag < 0xc0) return this.#text(tag & 0x1f);
    if (tag >= 0xe0) return tag - 0x100;
    return this.#tagged(tag, depth);
  }

  #tagged(tag: number, depth: number): unknown {
    if (tag <= 0xc6) return this.#scalarOrBytes(tag);
    if (tag >= 0xca && tag <= 0xd3) return this.#number(tag);
    switch (tag) {
      case 0xd4:
        return this.#absent();
      case 0xd9:
        return this.#text(this.#uint(1));
      case 0xda:
        return this.#text(this.#uint(2));
      case 0xdc:
        return this.#array(this.#uint(2), depth);
      case 0xde:
        return this.#map(this.#uint(2), depth);
      default:
        throw new MessagePackError('type is not supported');
    }
  }

  #scalarOrBytes(tag: number): unknown {
    switch (tag) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xc4:
        return this.#take(this.#uint(1));
      case 0xc5:
        return this.#take(this.#uint(2));
      case 0xc6:
        return this.#take(this.#uint(4));
      default:
        throw new MessagePackError('type is not supported');
    }
  }

  #number(tag: number): number {
    switch (tag) {
      case 0xca:
        return this.#take(4).readFloatBE();
      case 0xcb:
        return this.#take(8).readDoubleBE();
      case 0xcc:
        return this.#uint(1);
      case 0xcd:
        return this.#uint(2);
      case 0xce:
        return this.#uint(4);
      case 0xcf:
        return this.#uint(4) * 2 ** 32 + this.#uint(4);
      case 0xd0:
        return this.#take(1).readInt8();
      case 0xd1:
        return this.#take(2).readInt16BE();
      case 0xd2:
        return this.#take(4).readInt32BE();
      default:
        return this.#take(4).readInt32BE() * 2 ** 32 + this.#uint(4);
    }
  }

  /** `undefined` travels as an extension of type 0 with one zero byte. */
  #absent(): undefined {
    if (this.#uint(2) !== 0) throw new MessagePackError('type is not supported');
    return undefined;
  }

  #array(length: number, depth: number): unknown[] {
    if (depth === MAX_DEPTH) throw new MessagePackError('too deep');
    const values: unknown[] = [];
    for (let i = 0; i < length; i++) values.push(this.readValue(depth + 1));
    return values;
  }

  #map(length: number, depth: number): Record<string, unknown> {
    if (depth === MAX_DEPTH) throw new MessagePackError('too deep');
    const map: Record<string, unknown> = {};
    for (let i = 0; i < length; i++) {
      const key = this.readValue(MAX_DEPTH);
      if (typeof key !== 'string' || key === '__proto__' || Object.hasOwn(map, key)) {
        throw new MessagePackError('key is not a name, or there twice');
      }
      map[key] = this.readValue(depth + 1);
    }
    return map;
  }

  #text(length: number): string {
    const start = this.#pass(length);
    return this.#bytes.toString('utf8', start, this.at);
  }

  #take(length: number): Buffer {
    const start = this.#pass(length);
    return this.#bytes.subarray(start, this.at);
  }

  #uint(length: number): number {
    const start = this.#pass(length);
    if (length === 1) return this.#bytes[start] ?? 0;
    return this.#bytes.readUIntBE(start, length);
  }

  /** Moves on by `length` bytes; answers where they start. */
  #pass(length: number): number {
    const start = this.at;
    if (length > this.#bytes.length - start) throw new MessagePackError('bytes are cut');
    this.at = start + length;
    return start;
  }
}
