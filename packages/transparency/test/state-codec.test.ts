import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChainError } from '../src/reasons.ts';
import { decodeChainState, encodeChainState } from '../src/state-codec.ts';
import { compareToPinned, extendChain } from '../src/verify.ts';
import { chain, life, story } from './alice.ts';
import { patch, splice } from './people.ts';

const { reset, revoked } = life;

describe('a pinned state on disk', () => {
  it('[CHAIN26] reads back the same, and goes on from there', () => {
    for (const [i, { state }] of story.entries()) {
      const read = decodeChainState(encodeChainState(state));
      expect(read).toEqual(state);
      expect(extendChain(read, chain.slice(i + 1))).toEqual({ ok: true, state: reset.state });
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
    expect(() => decodeChainState(patch(bytes, 0, 2))).toThrow(code('version_unknown'));
    expect(() => decodeChainState(new Uint8Array(2 ** 20))).toThrow(code('too_large'));
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
    const bytes = encodeChainState(reset.state);
    const damaged = fc
      .tuple(fc.nat(bytes.length - 1), fc.uint8Array({ minLength: 1, maxLength: 4 }), fc.nat(4))
      .map(([at, insert, remove]) => splice(bytes, at, remove, ...insert));
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
