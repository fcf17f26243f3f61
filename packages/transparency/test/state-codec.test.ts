import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChainError } from '../src/reasons.ts';
import { decodeChainState, encodeChainState } from '../src/state-codec.ts';
import { compareToPinned, extendChain } from '../src/verify.ts';
import { chain, life, story } from './alice.ts';
import { patch, splice } from './people.ts';

const { closed, reset, revoked } = life;

describe('a pinned state on disk', () => {
  it('[CHAIN26] reads back the same, and goes on from there', () => {
    for (const [i, { state }] of story.entries()) {
      const read = decodeChainState(encodeChainState(state));
      expect(read).toEqual(state);
      expect(extendChain(read, chain.slice(i + 1))).toEqual({ ok: true, state: closed.state });
      expect(compareToPinned(read, chain).ok).toBe(true);
    }
  });

  it('[CHAIN26] cut, longer, of another version or too large, it is refused', () => {
    const bytes = encodeChainState(reset.state);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeChainState(bytes.slice(0, length))).toThrow(ChainError);
    }
    const code = (code: string) => expect.objectContaining({ code });
    expect(() => decodeChainState(splice(bytes, bytes.length, 0, 0))).toThrow(code('trailing_bytes'));
    expect(() => decodeChainState(patch(bytes, 0, 3))).toThrow(code('version_unknown'));
    expect(() => decodeChainState(new Uint8Array(2 ** 20))).toThrow(code('too_large'));
  });

  it('[CHAIN31] of a closed chain says so, and one written before there was a close reads as open', () => {
    const bytes = encodeChainState(closed.state);
    expect([bytes[0], decodeChainState(bytes).closedAt]).toEqual([2, 5]);
    const before = encodeChainState(reset.state);
    expect([before[0], decodeChainState(before).closedAt]).toEqual([1, undefined]);
    // As open, nothing of it would show that the account was left: the seal around it says that it was not altered.
    expect(decodeChainState(patch(bytes, 0, 1))).toEqual({ ...closed.state, closedAt: undefined });
  });

  it('[CHAIN31] closed with a device left, or at its very start, it is refused', () => {
    const wrong = 'chain state contradicts itself';
    expect(() => decodeChainState(patch(encodeChainState(reset.state), 0, 2))).toThrow(wrong);
    const start = { ...closed.state, head: { ...closed.state.head, seq: 0 }, devices: [], resets: [] };
    expect(() => decodeChainState(encodeChainState(start))).toThrow(wrong);
  });

  it('[CHAIN26] that says what cannot be is refused', () => {
    const { state } = revoked;
    const [laptop, phone] = state.devices;
    const impossible = [
      { ...state, head: { ...state.head, seq: 4096 } },
      { ...state, resets: [3] },
      { ...state, resets: [2, 1] },
      { ...state, resets: [0] },
      { ...state, devices: [{ ...laptop!, addedAt: 3 }] },
      { ...state, devices: [{ ...phone!, revokedAt: 1 }] },
      { ...state, devices: [{ ...phone!, revokedAt: 3 }] },
    ];
    for (const wrong of impossible) {
      expect(() => decodeChainState(encodeChainState(wrong))).toThrow('chain state contradicts itself');
    }
  });

  it('[CHAIN26] any bytes either hold a state, in its one encoding, or throw ChainError', () => {
    const damaged = fc
      .tuple(
        fc.constantFrom(reset.state, closed.state).map(encodeChainState),
        fc.nat(),
        fc.uint8Array({ minLength: 1, maxLength: 4 }),
        fc.nat(4),
      )
      .map(([bytes, at, insert, remove]) => splice(bytes, at % bytes.length, remove, ...insert));
    fc.assert(
      fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 400 })), (input) => {
        try {
          expect(encodeChainState(decodeChainState(input))).toEqual(input);
        } catch (error) {
          expect(error).toBeInstanceOf(ChainError);
        }
      }),
    );
  });
});
