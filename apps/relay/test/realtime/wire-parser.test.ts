import fc from 'fast-check';
import { Decoder as TheirDecoder, Encoder as TheirEncoder } from 'socket.io-msgpack-parser';
import { describe, expect, it } from 'vitest';
import { decodeMessagePack, MessagePackError } from '../../src/realtime/message-pack-decode.ts';
import { encodeMessagePack } from '../../src/realtime/message-pack-encode.ts';
import { createWireParser } from '../../src/realtime/wire-parser.ts';

/** Values as packets hold them; byte strings are Buffers, as the clients' parser wants them. */
const value = fc.letrec((tie) => ({
  leaf: fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.integer(),
    fc.maxSafeInteger(),
    // Their writer wraps whole numbers past 2^53 and drops the sign of zero; no field of ours takes either.
    fc.double({ noNaN: true, min: -(2 ** 52), max: 2 ** 52 }).map((number) => number + 0),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array({ maxLength: 70_000, size: 'max' }).map((bytes) => Buffer.from(bytes)),
    fc.nat({ max: 300 }).map((length) => 'x'.repeat(length)),
  ),
  inner: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    tie('leaf'),
    fc.array(tie('inner'), { maxLength: 20 }),
    fc.dictionary(
      fc.string().filter((key) => key !== '__proto__'),
      tie('inner'),
      { noNullPrototype: true },
    ),
  ),
})).inner;

const theirPacket = (bytes: Uint8Array): unknown => {
  const decoder = new TheirDecoder();
  let packet: unknown;
  decoder.on('decoded', (decoded: unknown) => {
    packet = decoded;
  });
  decoder.add(bytes);
  return packet;
};
const encodeTheirs = (packet: unknown) =>
  Buffer.from((new TheirEncoder().encode(packet) as unknown as Uint8Array[])[0]!);
const event = (data: unknown) => ({
  type: 2,
  data: ['log:append', data],
  options: { compress: true },
  id: 7,
  nsp: '/',
});

function decodeOurs(bytes: unknown): unknown {
  const { Decoder } = createWireParser();
  const decoder = new Decoder();
  let packet: unknown;
  decoder.on('decoded', (decoded: unknown) => {
    packet = decoded;
  });
  decoder.add(bytes);
  return packet;
}

describe('packets', () => {
  it('[LOG17] reads what the clients write', () => {
    fc.assert(
      fc.property(value, (data) => {
        expect(decodeOurs(encodeTheirs(event(data)))).toEqual(event(data));
      }),
    );
  });

  it('[LOG17] writes what the clients read', () => {
    fc.assert(
      fc.property(value, (data) => {
        const { Encoder } = createWireParser();
        const packet = { type: 3, data: [data], id: 7, nsp: '/' };
        expect(theirPacket(new Encoder().encode(packet)[0]!)).toEqual(packet);
      }),
    );
  });

  it('[LOG17] leaves out what is undefined, and reads it where clients write it', () => {
    expect(decodeMessagePack(encodeMessagePack({ a: undefined, b: 1 }))).toEqual({ b: 1 });
    const theirs = decodeOurs(encodeTheirs({ type: 2, data: ['x'], id: undefined, nsp: '/' }));
    expect(theirs).toEqual({ type: 2, data: ['x'], id: undefined, nsp: '/' });
  });

  it('[LOG17] survives every cut and every changed byte of a packet', () => {
    const good = encodeTheirs(event({ log: Buffer.alloc(32, 1), epoch: 3, body: Buffer.alloc(200, 2) }));
    for (let length = 0; length < good.length; length++) {
      expect(() => decodeOurs(good.subarray(0, length))).toThrow(MessagePackError);
    }
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), (at, byte) => {
        const changed = Buffer.from(good);
        changed[at] = byte;
        try {
          decodeOurs(changed);
        } catch (error) {
          expect(error).toSatisfy((e) => e instanceof MessagePackError || e instanceof TypeError);
        }
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(() => {
          try {
            decodeOurs(bytes);
          } catch (error) {
            if (!(error instanceof MessagePackError || error instanceof TypeError)) throw error;
          }
        }).not.toThrow();
      }),
    );
  });

  it.each([
    ['nothing', []],
    ['bytes left over', [0xc0, 0xc0]],
    ['an array of four billion', [0xdd, 0xff, 0xff, 0xff, 0xff]],
    ['an array longer than its bytes', [0xdc, 0xff, 0xff, 0xc0]],
    ['text longer than its bytes', [0xda, 0xff, 0xff, 0x41]],
    ['a hundred arrays in each other', [...Array<number>(100).fill(0x91), 0xc0]],
    ['a key that is a number', [0x81, 0x01, 0x01]],
    ['a key that is a list', [0x81, 0x90, 0x01]],
    ['the key __proto__', [0x81, 0xa9, ...Buffer.from('__proto__'), 0x80]],
    ['a key twice', [0x82, 0xa1, 0x41, 0x01, 0xa1, 0x41, 0x02]],
    ['a date', [0xd7, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['an extension', [0xc7, 1, 0, 0]],
    ['the byte no one uses', [0xc1]],
  ])('[LOG17] refuses %s', (_, bytes) => {
    expect(() => decodeMessagePack(Uint8Array.from(bytes))).toThrow(MessagePackError);
  });

  it.each([
    ['text', 'text'],
    ['no namespace', { type: 2, data: ['x'] }],
    ['an unknown type', { type: 9, data: ['x'], nsp: '/' }],
    ['a refusal, which only relays send', { type: 4, data: {}, nsp: '/' }],
    ['an event without a name', { type: 2, data: [], nsp: '/' }],
    ['an event whose name is a list', { type: 2, data: [['x']], nsp: '/' }],
    ['an id that is no number', { type: 2, data: ['x'], id: 'x', nsp: '/' }],
    ['a list as handshake', { type: 0, data: [], nsp: '/' }],
    ["a client's own word that it is gone", { type: 2, data: ['disconnect', 'transport close'], nsp: '/' }],
    ["an error of the server's", { type: 2, data: ['error', {}], nsp: '/' }],
  ])('[LOG17] refuses a packet that is %s', (_, packet) => {
    expect(() => decodeOurs(encodeMessagePack(packet))).toThrow(TypeError);
  });

  it('[LOG3] encodes a notice once, however many get it', () => {
    const { Encoder } = createWireParser();
    const encoder = new Encoder();
    const notice = { log: Buffer.alloc(32), run: Buffer.alloc(100) };
    const packet = () => ({ type: 2, data: ['log:entries', notice], nsp: '/' });
    expect(encoder.encode(packet())[0]).toBe(encoder.encode(packet())[0]);
    const other = encoder.encode({ type: 2, data: ['log:entries', { ...notice }], nsp: '/' })[0];
    expect(other).not.toBe(encoder.encode(packet())[0]);
  });
});
