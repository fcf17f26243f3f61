import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeHex,
  decodeInboxRun,
  decodeRun,
  ENTRY_HEADER,
  type Entry,
  type EntryId,
  encodeHex,
  encodeInboxRun,
  encodeRun,
  LIMITS,
} from '../src/index.ts';

const counter = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const anyRun = fc
  .tuple(
    fc.integer({ min: 1, max: 2 ** 40 }),
    fc.array(
      fc.record({
        time: fc.integer({ min: 0, max: 8.64e15 }),
        epoch: counter,
        kind: fc.constantFrom('message' as const, 'commit' as const),
        id: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((id) => id as EntryId),
        body: fc.uint8Array({ maxLength: 300 }),
      }),
      { maxLength: 12 },
    ),
  )
  .map(([first, entries]): Entry[] => entries.map((entry, i) => ({ ...entry, seq: first + i })));

const hello: Entry = {
  seq: 1,
  time: 1_700_000_000_000,
  epoch: 7,
  kind: 'message',
  id: new Uint8Array(16).fill(0xab) as EntryId,
  body: new TextEncoder().encode('sealed'),
};

describe('runs of entries', () => {
  it('[PRO4] round-trip', () => {
    fc.assert(fc.property(anyRun, (run) => void expect(decodeRun(encodeRun(run))).toEqual(run)));
  });

  it('[PRO4] have frozen bytes', () => {
    const vector = JSON.parse(readFileSync(new URL('./vectors/run.json', import.meta.url), 'utf8'));
    const bye: Entry = { ...hello, seq: 2, kind: 'commit', body: new Uint8Array() };
    expect(encodeHex(encodeRun([hello, bye]))).toBe(vector.run);
    expect(decodeRun(decodeHex(vector.run) ?? new Uint8Array())).toEqual([hello, bye]);
  });

  it('[PRO5] are refused when cut anywhere inside an entry', () => {
    const run = encodeRun([hello, { ...hello, seq: 2 }]);
    const whole = new Set([0, run.length / 2, run.length]);
    for (let cut = 0; cut <= run.length; cut++) {
      expect(decodeRun(run.subarray(0, cut)) === undefined).toBe(!whole.has(cut));
    }
  });

  it('[PRO5] are refused with a gap, a repeat or a step back', () => {
    for (const second of [1, 3, 0]) {
      const run = encodeRun([hello, { ...hello, seq: 2 }]);
      new DataView(run.buffer).setUint32(run.length / 2 + 4, second);
      expect(decodeRun(run)).toBeUndefined();
    }
  });

  it.each([
    ['seq 0', (view: DataView) => view.setUint32(4, 0)],
    ['a seq past 2^53', (view: DataView) => view.setUint32(0, 0x200000)],
    ['a time past 2^53', (view: DataView) => view.setUint32(8, 0x200000)],
    ['a time that no calendar has', (view: DataView) => view.setBigUint64(8, 8_640_000_000_000_001n)],
    ['an epoch past 2^53', (view: DataView) => view.setUint32(16, 0x200000)],
    ['an unknown kind', (view: DataView) => view.setUint8(24, 2)],
    ['a length past its end', (view: DataView) => view.setUint32(41, 0xffffffff)],
  ])('[PRO5] are refused with %s', (_, spoil) => {
    const run = encodeRun([hello]);
    spoil(new DataView(run.buffer));
    expect(decodeRun(run)).toBeUndefined();
  });

  it('[PRO5] are refused with a message body over its limit', () => {
    const big = { ...hello, body: new Uint8Array(LIMITS.messageBody + 1) };
    expect(decodeRun(encodeRun([big]))).toBeUndefined();
    expect(decodeRun(encodeRun([{ ...big, kind: 'commit' }]))).toHaveLength(1);
  });

  it('[PRO5] never throw on any bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 3 * ENTRY_HEADER }), (bytes) => void decodeRun(bytes)));
  });
});

describe('inbox runs', () => {
  const anyInbox = fc
    .array(
      fc.record({
        expiryDay: fc.nat(),
        body: fc.uint8Array({ maxLength: 300 }),
        step: fc.integer({ min: 1, max: 9 }),
      }),
    )
    .map((items) => {
      let seq = 0;
      return items.map(({ step, ...item }) => {
        seq += step;
        return { ...item, seq };
      });
    });

  it('[PRO6] round-trip', () => {
    fc.assert(
      fc.property(anyInbox, (items) => void expect(decodeInboxRun(encodeInboxRun(items))).toEqual(items)),
    );
  });

  it('[PRO6] are refused when cut, when seq does not grow, when a body is over its limit', () => {
    const item = { seq: 1, expiryDay: 20_000, body: new Uint8Array(5) };
    const run = encodeInboxRun([item]);
    for (let cut = 1; cut < run.length; cut++) expect(decodeInboxRun(run.subarray(0, cut))).toBeUndefined();
    expect(decodeInboxRun(encodeInboxRun([item, item]))).toBeUndefined();
    const big = { ...item, body: new Uint8Array(LIMITS.welcomeBody + 1) };
    expect(decodeInboxRun(encodeInboxRun([big]))).toBeUndefined();
  });
});
