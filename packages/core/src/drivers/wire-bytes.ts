/**
 * Byte strings as Socket.IO's parsers take and give them: Buffer in Node, ArrayBuffer in a browser. A Uint8Array would
 * be written as an object by one of them and with its whole underlying buffer by the other.
 */

/** How deep requests and answers nest at most; what lies deeper is left as it is, for the schema to refuse. */
const DEPTH = 4;

/** Only what the parser of Node understands; core knows no Node otherwise. */
interface NodeBuffer {
  from(buffer: ArrayBufferLike, offset: number, length: number): Uint8Array;
}

export function toWire(value: unknown): unknown {
  const buffer = (globalThis as { readonly Buffer?: NodeBuffer }).Buffer;
  return mapBytes(value, DEPTH, (bytes) =>
    buffer === undefined
      ? new Uint8Array(bytes).buffer
      : buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  );
}

/** Byte strings become plain Uint8Arrays. */
export function fromWire(value: unknown): unknown {
  return mapBytes(value, DEPTH, (bytes) => bytes);
}

function mapBytes(value: unknown, depth: number, map: (bytes: Uint8Array) => unknown): unknown {
  if (typeof value !== 'object' || value === null || depth === 0) return value;
  if (value instanceof ArrayBuffer) return map(new Uint8Array(value));
  if (ArrayBuffer.isView(value)) return map(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  if (Array.isArray(value)) return value.map((member) => mapBytes(member, depth - 1, map));
  const mapped = Object.entries(value).map(([name, member]) => [name, mapBytes(member, depth - 1, map)]);
  return Object.fromEntries(mapped);
}
