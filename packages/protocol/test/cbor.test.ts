import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeCbor, decodeHex, encodeCbor, encodeHex } from '../src/index.ts';

const LIMIT = 1000;

describe('CBOR of requests and answers', () => {
  it('[PRO7] round-trips objects with bytes', () => {
    const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.uint8Array(), fc.constant(null));
    const value = fc.dictionary(
      fc.string().filter((key) => key !== '__proto__'),
      fc.oneof(leaf, fc.array(leaf)),
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(value, (object) => void expect(decodeCbor(encodeCbor(object), 1e6)).toEqual(object)),
    );
  });

  it('[PRO7] is deterministic: keys sort by their bytes, whatever the order written', () => {
    expect(encodeHex(encodeCbor({ bb: 1, a: 2, c: 3 }))).toBe(encodeHex(encodeCbor({ c: 3, a: 2, bb: 1 })));
    expect(encodeHex(encodeCbor({ b: 1, a: 2 }))).toBe('a2616102616201');
  });

  it('[PRO7] leaves out members that are undefined', () => {
    expect(decodeCbor(encodeCbor({ a: undefined, b: 1 }), LIMIT)).toEqual({ b: 1 });
  });

  it.each([
    ['cut', 'a26161'],
    ['trailing bytes', 'a000'],
    ['a long integer', '1800'],
    ['an indefinite array', '9fff'],
    ['an indefinite text', '7f6161ff'],
    ['a tag', 'c11a514b67b0'],
    ['undefined', 'f7'],
    ['infinity', 'f97c00'],
    ['not a number', 'f97e00'],
    ['a duplicate key', 'a2616101616102'],
    ['a key that is a number', 'a10102'],
    ['an integer past 2^53', '1b0020000000000000'],
    ['nothing', ''],
  ])('[PRO7] refuses %s', (_, hex) => {
    expect(decodeCbor(decodeHex(hex) ?? new Uint8Array([0xff]), LIMIT)).toBeUndefined();
  });

  it('[PRO7] refuses what is over its limit before looking at it', () => {
    const bytes = encodeCbor({ body: new Uint8Array(LIMIT) });
    expect(decodeCbor(bytes, bytes.length - 1)).toBeUndefined();
    expect(decodeCbor(bytes, bytes.length)).toBeDefined();
  });

  it('[PRO7] refuses deep nesting without failing', () => {
    expect(decodeCbor(new Uint8Array(100_000).fill(0x81), 200_000)).toBeUndefined();
  });

  it('[PRO7] a __proto__ key pollutes nothing', () => {
    const value = decodeCbor(decodeHex('a1695f5f70726f746f5f5fa1616101') ?? new Uint8Array(), LIMIT);
    expect(({} as Record<string, unknown>).a).toBeUndefined();
    expect((value as Record<string, unknown> | undefined)?.a).toBeUndefined();
  });
});
