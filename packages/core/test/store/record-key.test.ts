import { IDBFactory } from 'fake-indexeddb';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalKey, compareKeys, isRecordKey } from '../../src/store/record-key.ts';
import type { RecordKey } from '../../src/store/record-store.ts';

const part = fc.oneof(fc.string(), fc.double({ noNaN: true, noDefaultInfinity: true }));
const anyKey = fc
  .tuple(fc.string(), fc.array(part, { maxLength: 3 }))
  .map(([name, rest]): RecordKey => [name, ...rest]);

describe('record keys', () => {
  it('[VAULT2] sort as IndexedDB sorts them', () => {
    const factory = new IDBFactory();
    fc.assert(
      fc.property(anyKey, anyKey, (a, b) => {
        expect(Math.sign(compareKeys(a, b))).toBe(factory.cmp(a, b));
      }),
    );
  });

  it('[VAULT11] have one text each', () => {
    fc.assert(
      fc.property(anyKey, anyKey, (a, b) => {
        expect(canonicalKey(a) === canonicalKey(b)).toBe(compareKeys(a, b) === 0);
      }),
    );
    expect(isRecordKey([1])).toBe(false);
    expect(() => canonicalKey(['a', Number.NaN])).toThrow(TypeError);
  });
});
