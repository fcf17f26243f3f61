import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compareBytes,
  decodeBase64Url,
  decodeHex,
  encodeBase64Url,
  encodeHex,
  equalBytes,
} from '../src/index.ts';

const anyBytes = fc.uint8Array({ maxLength: 80 });

describe('bytes as text', () => {
  it('[PRO3] hexadecimal and base64url round-trip', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        expect(decodeHex(encodeHex(bytes))).toEqual(bytes);
        expect(decodeBase64Url(encodeBase64Url(bytes))).toEqual(bytes);
      }),
    );
  });

  it.each(['A0', '0', '0g', ' 00', '0x00'])('[PRO3] %j is not canonical hexadecimal', (text) => {
    expect(decodeHex(text)).toBeUndefined();
  });

  it.each(['AA==', 'A', 'AB', '+/', 'AA\n', 'QUJDRA=='])('[PRO3] %j is not canonical base64url', (text) => {
    expect(decodeBase64Url(text)).toBeUndefined();
  });

  it('orders bytes as unsigned, prefixes first', () => {
    const sorted = [[], [0], [0, 1], [1], [0x7f], [0x80], [0xff]].map((list) => Uint8Array.from(list));
    expect([...sorted].reverse().sort(compareBytes)).toEqual(sorted);
  });

  it('tells equal bytes from different ones', () => {
    fc.assert(
      fc.property(anyBytes, anyBytes, (a, b) => {
        expect(equalBytes(a, b)).toBe(encodeHex(a) === encodeHex(b));
        expect(equalBytes(a, a.slice())).toBe(true);
      }),
    );
  });
});
