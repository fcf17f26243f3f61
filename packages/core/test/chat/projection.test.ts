import { describe, expect, it } from 'vitest';
import { share } from '../../src/chat/projection.ts';

describe('sharing between snapshots', () => {
  it('[SYNC18] gives equal parts the identity they had', () => {
    const before = { a: { x: 1, list: [{ id: 'p', n: 1 }] }, b: { y: 2 } };
    const next = { a: { x: 1, list: [{ id: 'p', n: 1 }] }, b: { y: 3 } };
    const shared = share(before, next);
    expect(shared).toEqual(next);
    expect(shared.a).toBe(before.a);
    expect(shared.b).not.toBe(before.b);
    expect(share(before, structuredClone(before))).toBe(before);
  });

  it('[SYNC18] follows items by their key through another order', () => {
    const before = [
      { key: 'a', n: 1 },
      { key: 'b', n: 2 },
    ];
    const shared = share(before, [
      { key: 'b', n: 2 },
      { key: 'a', n: 5 },
    ]);
    expect(shared[0]).toBe(before[1]);
    expect(shared[1]).toEqual({ key: 'a', n: 5 });
  });

  it('[SYNC18] notices a member that is gone', () => {
    const before: Record<string, number> = { a: 1, b: 2 };
    const next: Record<string, number> = { a: 1 };
    expect(share(before, next)).toEqual({ a: 1 });
  });
});
