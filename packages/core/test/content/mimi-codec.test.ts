import { decodeHex, encodeHex } from '@sotto/protocol';
import { encode } from 'cborg';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deriveMessageId } from '../../src/content/message-id.ts';
import { decodeMimiMessage, encodeMimiMessage } from '../../src/content/mimi-codec.ts';
import type { MimiMessage, Part } from '../../src/content/mimi-message.ts';
import { DRAFT_ATTACHMENT, DRAFT_ORIGINAL } from './draft-examples.ts';

const bytes = (hex: string) => decodeHex(hex) ?? new Uint8Array(0);
const salt = new Uint8Array(16).fill(1);
const single: Part = {
  kind: 'single',
  disposition: 1,
  language: '',
  contentType: 'text/plain',
  content: Uint8Array.of(104, 105),
};
const plain = (body: Part, extensions: MimiMessage['extensions'] = new Map()): MimiMessage => ({
  salt,
  replaces: undefined,
  topic: new Uint8Array(0),
  expires: undefined,
  inReplyTo: undefined,
  extensions,
  body,
});

const blob = (maxLength: number) => fc.uint8Array({ maxLength });
const word = fc.string({ unit: 'grapheme', maxLength: 12 });
const head = { disposition: fc.nat(255), language: word };
const { part } = fc.letrec<{ part: Part }>((tie) => ({
  part: fc.oneof(
    { maxDepth: 2, depthIdentifier: 'part' },
    fc.record({ ...head, kind: fc.constant('nothing' as const) }),
    fc.record({ ...head, kind: fc.constant('single' as const), contentType: word, content: blob(40) }),
    fc.record({
      ...head,
      kind: fc.constant('external' as const),
      contentType: word,
      url: word,
      expires: fc.nat(2 ** 32 - 1),
      size: fc.maxSafeNat(),
      encAlg: fc.nat(0xffff),
      key: blob(32),
      nonce: blob(12),
      aad: blob(4),
      hashAlg: fc.nat(255),
      contentHash: blob(32),
      description: word,
      filename: word,
    }),
    fc.record({
      ...head,
      kind: fc.constant('multi' as const),
      semantics: fc.constantFrom('chooseOne' as const, 'singleUnit' as const, 'processAll' as const),
      parts: fc.array(tie('part'), { minLength: 2, maxLength: 3 }),
    }),
  ),
}));
const id = fc.option(fc.uint8Array({ minLength: 32, maxLength: 32 }), { nil: undefined });
const anyMessage: fc.Arbitrary<MimiMessage> = fc.record({
  salt: fc.uint8Array({ minLength: 16, maxLength: 16 }),
  replaces: id,
  topic: blob(20),
  expires: fc.option(fc.record({ relative: fc.boolean(), time: fc.nat(2 ** 32 - 1) }), { nil: undefined }),
  inReplyTo: id,
  extensions: fc
    .array(
      fc.tuple(fc.oneof(fc.integer(), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 9 })), word),
      { maxLength: 4 },
    )
    .map((entries) => new Map<number | string, unknown>(entries)),
  body: part,
});

describe('MIMI message codec', () => {
  it('[VAULT30] reads and writes the examples of the draft byte for byte', () => {
    const original = decodeMimiMessage(bytes(DRAFT_ORIGINAL.message));
    expect(original?.body).toMatchObject({ kind: 'single', contentType: 'text/markdown;variant=GFM-MIMI' });
    expect([...(original?.extensions ?? [])][0]).toEqual([1, DRAFT_ORIGINAL.senderUri]);
    const attachment = decodeMimiMessage(bytes(DRAFT_ATTACHMENT));
    expect(attachment?.body).toMatchObject({
      kind: 'external',
      filename: 'bigfile.mp4',
      expires: 0,
      size: 708_234_961,
    });
    for (const example of [DRAFT_ORIGINAL.message, DRAFT_ATTACHMENT]) {
      const message = decodeMimiMessage(bytes(example));
      expect(message && encodeHex(encodeMimiMessage(message))).toBe(example);
    }
  });

  it('[VAULT31] derives the message id by the formula of the draft', () => {
    const message = bytes(DRAFT_ORIGINAL.message);
    const { senderUri, roomUri } = DRAFT_ORIGINAL;
    const derived = deriveMessageId({ senderUri, roomUri, message, salt: message.subarray(2, 18) });
    expect(encodeHex(derived)).toBe(DRAFT_ORIGINAL.id);
  });

  it('[VAULT30] gives back every message it wrote', () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        expect(decodeMimiMessage(encodeMimiMessage(message))).toEqual(message);
      }),
    );
  });

  it('[VAULT32] never throws, whatever a member sends, and reads nothing that is not written the one way', () => {
    fc.assert(
      fc.property(anyMessage, fc.nat(), fc.nat(255), (message, where, value) => {
        const wire = encodeMimiMessage(message);
        wire[where % wire.length] = value;
        const read = decodeMimiMessage(wire);
        if (read !== undefined) expect(encodeMimiMessage(read)).toEqual(wire);
        expect(decodeMimiMessage(wire.subarray(0, where % wire.length))).toBeUndefined();
      }),
    );
    fc.assert(fc.property(blob(200), (wire) => void decodeMimiMessage(wire)));
  });

  it('[VAULT32] refuses what goes past a bound', () => {
    const nest = (depth: number): Part =>
      depth === 0
        ? single
        : {
            kind: 'multi',
            disposition: 0,
            language: '',
            semantics: 'processAll',
            parts: [nest(depth - 1), single],
          };
    expect(encodeMimiMessage(plain(nest(3))).length).toBeGreaterThan(0);
    expect(() => encodeMimiMessage(plain(nest(4)))).toThrow(RangeError);
    const many = Array.from({ length: 1024 }, () => [0, '', 0]);
    const wire = (body: unknown) => encode([salt, null, new Uint8Array(0), null, null, new Map(), body]);
    expect(decodeMimiMessage(wire([0, '', 3, 2, many]))).toBeUndefined();
    expect(decodeMimiMessage(wire([0, '', 3, 2, many.slice(1)]))).toBeDefined();
    expect(decodeMimiMessage(wire([0, '', 3, 2, [[0, '', 0]]]))).toBeUndefined();
    expect(decodeMimiMessage(wire([256, '', 0]))).toBeUndefined();
    expect(decodeMimiMessage(wire([9, '', 0]))).toMatchObject({ body: { disposition: 9 } });
    expect(decodeMimiMessage(wire([0, '', 4]))).toBeUndefined();
    expect(decodeMimiMessage(wire([0, '', 0, 1]))).toBeUndefined();
    expect(decodeMimiMessage(new Uint8Array(50_000))).toBeUndefined();
    const large = new Map([[-1, 'x'.repeat(4094)]]);
    expect(() => encodeMimiMessage(plain(single, large))).toThrow(RangeError);
    expect(() => encodeMimiMessage(plain(single, new Map([['', 1]])))).toThrow(RangeError);
    expect(() => encodeMimiMessage({ ...plain(single), salt: new Uint8Array(15) })).toThrow(RangeError);
  });

  it('[VAULT32] survives a message nested deeper than any stack', () => {
    const wire = new Uint8Array(40_000).fill(0x81);
    expect(decodeMimiMessage(wire)).toBeUndefined();
  });
});
