/**
 * MessagePack, written for the clients' `notepack.io`: a value is measured once and written into one buffer. A Uint8Array
 * becomes a byte string, which `notepack.io` itself does only for Buffers.
 */

/** Writes a value. Fields that are undefined are left out. Throws TypeError for what it cannot write. */
export function encodeMessagePack(value: unknown): Buffer {
  const target = Buffer.allocUnsafe(measure(value));
  return target.subarray(0, write(target, 0, value));
}

/** At most so many bytes. */
function measure(value: unknown): number {
  if (typeof value === 'string') return 5 + 3 * value.length;
  if (typeof value !== 'object' || value === null) return 9;
  if (value instanceof Uint8Array) return 5 + value.length;
  if (Array.isArray(value)) return value.reduce((size: number, member) => size + measure(member), 5);
  let size = 5;
  for (const [key, member] of Object.entries(value)) size += measure(key) + measure(member);
  return size;
}

/** Writes at `at`; answers where the next value goes. */
function write(target: Buffer, at: number, value: unknown): number {
  switch (typeof value) {
    case 'string':
      return writeText(target, at, value);
    case 'number':
      return writeNumber(target, at, value);
    case 'boolean':
      return target.writeUInt8(value ? 0xc3 : 0xc2, at);
    case 'object':
      return writeObject(target, at, value);
    default:
      throw new TypeError(`cannot write a ${typeof value}`);
  }
}

function writeObject(target: Buffer, at: number, value: object | null): number {
  if (value === null) return target.writeUInt8(0xc0, at);
  if (value instanceof Uint8Array) return writeBytes(target, at, value);
  if (Array.isArray(value)) {
    const start = writeLength(target, at, value.length, 0x90, 0xdc);
    return value.reduce((next: number, member) => write(target, next, member), start);
  }
  const fields = Object.entries(value).filter(([, member]) => member !== undefined);
  let next = writeLength(target, at, fields.length, 0x80, 0xde);
  for (const [key, member] of fields) next = write(target, writeText(target, next, key), member);
  return next;
}

/** Length of an array or a map: in the tag itself, or in two bytes after it. */
function writeLength(target: Buffer, at: number, length: number, short: number, long: number): number {
  if (length < 16) return target.writeUInt8(short | length, at);
  if (length > 0xffff) throw new TypeError('too many members');
  return target.writeUInt16BE(length, target.writeUInt8(long, at));
}

function writeText(target: Buffer, at: number, text: string): number {
  const length = Buffer.byteLength(text);
  if (length > 0xffff) throw new TypeError('text is too long');
  let start: number;
  if (length < 32) start = target.writeUInt8(0xa0 | length, at);
  else start = target.writeUInt16BE(length, target.writeUInt8(0xda, at));
  return start + target.write(text, start);
}

function writeBytes(target: Buffer, at: number, bytes: Uint8Array): number {
  const start = target.writeUInt32BE(bytes.length, target.writeUInt8(0xc6, at));
  target.set(bytes, start);
  return start + bytes.length;
}

function writeNumber(target: Buffer, at: number, value: number): number {
  if (!Number.isSafeInteger(value) || value < 0 || Object.is(value, -0)) {
    return target.writeDoubleBE(value, target.writeUInt8(0xcb, at));
  }
  if (value < 0x80) return target.writeUInt8(value, at);
  if (value < 2 ** 32) return target.writeUInt32BE(value, target.writeUInt8(0xce, at));
  const high = target.writeUInt32BE(Math.floor(value / 2 ** 32), target.writeUInt8(0xcf, at));
  return target.writeUInt32BE(value % 2 ** 32, high);
}
