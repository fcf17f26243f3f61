import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyPatch, makePatch } from '../../src/bridge/patch.ts';

const scalar = fc.oneof(
  fc.integer(),
  fc.string({ maxLength: 3 }),
  fc.boolean(),
  fc.constant(undefined),
  fc.uint8Array({ maxLength: 2 }),
);
const line = fc.record({
  id: fc.constantFrom('a', 'b', 'c', 'd'),
  value: scalar,
  inner: fc.record({ x: scalar, y: scalar }),
});
const shape = fc.record({
  session: scalar,
  list: fc.array(line, { maxLength: 5 }),
  plain: fc.array(scalar, { maxLength: 3 }),
});

describe('patches', () => {
  it('[BRIDGE1] lead from any value to any other, through a structured clone', () => {
    fc.assert(
      fc.property(shape, shape, (before, after) => {
        const patch = makePatch(before, after);
        const there = structuredClone(before);
        const next = patch === undefined ? there : applyPatch(there, structuredClone(patch));
        expect(next).toEqual(after);
        if (patch === undefined) expect(before).toEqual(after);
      }),
    );
  });

  it('[BRIDGE1] keep the identity of what did not change, also where a copy of it came', () => {
    const before = {
      a: { x: 1 },
      list: [
        { id: 'a', peer: { n: 1 } },
        { id: 'b', peer: { n: 2 } },
      ],
    };
    const after = {
      a: { x: 1 },
      list: [
        { id: 'b', peer: { n: 2 } },
        { id: 'c', peer: { n: 3 } },
        { id: 'a', peer: { n: 9 } },
      ],
    };
    const next = applyPatch(before, makePatch(before, after)!) as typeof before;
    expect(next.a).toBe(before.a);
    expect(next.list[0]).toBe(before.list[1]);
    expect(next).toEqual(after);
    expect(makePatch(before, structuredClone(before))).toBeUndefined();
  });

  it('[BRIDGE1] hold only what changed', () => {
    const conversations = Array.from({ length: 500 }, (_, at) => ({
      key: `k${at}`,
      total: 0,
      peer: { name: 'x'.repeat(50) },
    }));
    const before = { session: { state: 'signed_in' }, conversations };
    const changed = { ...conversations[7], total: 1 };
    const after = { ...before, conversations: [changed, ...conversations.filter((_, at) => at !== 7)] };
    expect(JSON.stringify(makePatch(before, after)).length).toBeLessThan(9000);
  });

  it('[BRIDGE2] throw when they do not fit', () => {
    expect(() => applyPatch(1, { kind: 'fields', fields: {} })).toThrow(TypeError);
    expect(() => applyPatch({}, { kind: 'items', items: [] })).toThrow(TypeError);
    expect(() => applyPatch([], { kind: 'items', items: [{ same: 0 }] })).toThrow(TypeError);
    expect(() =>
      applyPatch([1], { kind: 'items', items: [{ from: 1, patch: { kind: 'whole', value: 1 } }] }),
    ).toThrow(TypeError);
  });
});
