import { ed25519 } from '@noble/curves/ed25519.js';
import { describe, expect, it } from 'vitest';
import { isUnambiguous } from '../../src/mls/ed25519.ts';
import { random, text } from './cast.ts';

/** A point of order 8 (RFC 8032's curve has cofactor 8). */
const ORDER_8 = 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a';

describe('signatures that verifiers disagree on', () => {
  it('[MLS50] an R with a part of small order, or that is no point, is ambiguous; an honest one is not', () => {
    const { Point } = ed25519;
    for (let index = 0; index < 20; index += 1) {
      const signature = ed25519.sign(text(`words ${index}`), random(32));
      expect(isUnambiguous(signature)).toBe(true);
      const twisted = Point.fromBytes(signature.subarray(0, 32)).add(Point.fromHex(ORDER_8));
      expect(isUnambiguous(Buffer.concat([twisted.toBytes(), signature.subarray(32)]))).toBe(false);
    }
    expect(isUnambiguous(Buffer.from(ORDER_8.repeat(2), 'hex'))).toBe(false);
    expect(isUnambiguous(new Uint8Array(64).fill(0xff))).toBe(false);
    expect(isUnambiguous(new Uint8Array(0))).toBe(false);
  });
});
