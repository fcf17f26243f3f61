import { describe, expect, it } from 'vitest';
import { CHAIN_REASONS } from '../src/reasons.ts';
import { compareToPinned, verifyChain } from '../src/verify.ts';
import { alice } from './alice.ts';
import { refusals } from './refusals.ts';

describe('a refusal says why and where', () => {
  for (const { name, reason, at, statements, pinned } of refusals) {
    it(`[CHAIN21] ${reason}: ${name}`, () => {
      const result = pinned ? compareToPinned(pinned, statements) : verifyChain(alice.account, statements);
      expect(result).toEqual({ ok: false, reason, at });
    });
  }

  it('[CHAIN21] for every reason there is', () => {
    expect(new Set(refusals.map(({ reason }) => reason))).toEqual(new Set(CHAIN_REASONS));
  });
});
