import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addDevice,
  closeAccount,
  createChain,
  type Made,
  resetAccount,
  revokeDevice,
  rotateIdentity,
} from '../src/make.ts';
import { CHAIN_REASONS } from '../src/reasons.ts';
import type { ChainState } from '../src/state.ts';
import { decodeStatement, encodeStatement } from '../src/statement.ts';
import { compareToPinned, extendChain, verifyChain } from '../src/verify.ts';
import { alice, chain, life, story } from './alice.ts';
import { accountOf, deviceOf, flipBit, forge, keyOf, splice, statementOf } from './people.ts';

const { account } = alice;
const bob = createChain({ account: accountOf('bob'), identity: keyOf('bob'), device: deviceOf('bob') });
const anyIndex = fc.nat(chain.length - 1);

/** The list with something done to it by the relay; always another list. */
const tampered = fc.oneof(
  fc
    .tuple(anyIndex, anyIndex)
    .filter(([i, j]) => i !== j)
    .map(([i, j]) => chain.with(i, chain[j]!).with(j, chain[i]!)),
  fc.nat(chain.length - 2).map((i) => chain.toSpliced(i, 1)),
  fc.tuple(anyIndex, anyIndex).map(([i, j]) => chain.toSpliced(i, 0, chain[j]!)),
  anyIndex.map((i) => chain.with(i, bob.statement)),
  fc
    .tuple(anyIndex, fc.nat(), fc.nat(3), fc.uint8Array({ minLength: 4, maxLength: 8 }))
    .map(([i, at, remove, insert]) => {
      const bytes = chain[i]!;
      return chain.with(i, splice(bytes, at % bytes.length, remove, ...insert));
    }),
);

describe('whatever the relay does to a chain', () => {
  it('[CHAIN17] one flipped bit, anywhere, is refused', () => {
    const flipped = anyIndex.chain((i) =>
      fc.nat(chain[i]!.length * 8 - 1).map((bit) => ({ i, statement: flipBit(chain[i]!, bit) })),
    );
    fc.assert(
      fc.property(flipped, ({ i, statement }) => {
        const before = story[i - 1]?.state;
        const result = before ? extendChain(before, [statement]) : verifyChain(account, [statement]);
        expect(result).toMatchObject({ ok: false, at: i });
      }),
      { numRuns: 400 },
    );
  });

  it('[CHAIN17] swapped, left out, doubled, foreign or respliced statements are refused', () => {
    fc.assert(
      fc.property(tampered, (statements) => {
        expect(verifyChain(account, statements).ok).toBe(false);
        expect(compareToPinned(life.closed.state, statements).ok).toBe(false);
      }),
      { numRuns: 150 },
    );
  });

  it('[CHAIN19] a cut end is a chain, but never for who has seen more', () => {
    fc.assert(
      fc.property(anyIndex, anyIndex, (seen, shown) => {
        const result = compareToPinned(story[seen]!.state, chain.slice(0, shown + 1));
        if (shown >= seen) expect(result).toEqual({ ok: true, state: story[shown]!.state });
        else expect(result).toEqual({ ok: false, reason: 'truncated', at: shown + 1 });
      }),
      { numRuns: 40 },
    );
  });

  it('[CHAIN4] no bytes make it throw, and every refusal has a reason of the table', () => {
    const anyBytes = fc.oneof(
      fc.uint8Array({ maxLength: 1200 }),
      fc.tuple(anyIndex, fc.nat(), fc.uint8Array({ maxLength: 40 })).map(([i, at, insert]) => {
        const bytes = chain[i]!;
        return splice(bytes, at % bytes.length, insert.length, ...insert);
      }),
    );
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const result = verifyChain(account, [bytes]);
        if (!result.ok) expect(CHAIN_REASONS).toContain(result.reason);
        const decoded = decodeStatement(bytes);
        if (decoded.ok) expect(encodeStatement(decoded.statement)).toEqual(bytes);
      }),
      { numRuns: 400 },
    );
  });
});

interface Life {
  readonly made: readonly Made[];
  readonly identity: string;
  readonly live: readonly string[];
}

const step = fc.record({
  kind: fc.constantFrom('add', 'revoke', 'leave', 'rotate', 'reset'),
  pick: fc.nat(),
});

/** A life that its owner could lead, beside a model of it in plain names. */
function live(before: Life, { kind, pick }: { kind: string; pick: number }, name: string): Life {
  const state = before.made.at(-1)!.state;
  const identity = keyOf(before.identity);
  const grow = (made: Made, change: Partial<Life>): Life => ({
    ...before,
    ...change,
    made: [...before.made, made],
  });
  if (kind === 'rotate') {
    return grow(rotateIdentity(state, { identity, newIdentity: keyOf(name) }), { identity: name });
  }
  if (kind === 'reset') {
    const made = resetAccount(state, { identity: keyOf(name), device: deviceOf(name) });
    return grow(made, { identity: name, live: [name] });
  }
  if (kind === 'add' || before.live.length === 0) {
    return grow(addDevice(state, { identity, device: deviceOf(name) }), { live: [...before.live, name] });
  }
  const gone = before.live[pick % before.live.length]!;
  const device = deviceOf(gone);
  const made = revokeDevice(state, { signer: kind === 'leave' ? device : identity, device: device.id });
  return grow(made, { live: before.live.filter((other) => other !== gone) });
}

function lead(steps: readonly { kind: string; pick: number }[], branch = ''): Life {
  const start: Life = {
    made: [createChain({ account, identity: keyOf('start'), device: deviceOf('start') })],
    identity: 'start',
    live: ['start'],
  };
  return steps.reduce((before, s, i) => live(before, s, `${branch}${i}`), start);
}

describe('whatever life alice leads', () => {
  const someSteps = fc.array(step, { minLength: 1, maxLength: 8 });
  const currentIds = (state: ChainState) =>
    state.devices.filter(({ revokedAt }) => revokedAt === undefined).map(({ id }) => id);

  it('[CHAIN18] her contacts arrive at the state she has, in one step or two', () => {
    fc.assert(
      fc.property(someSteps, fc.nat(), (steps, cut) => {
        const { made, identity, live } = lead(steps);
        const statements = made.map(({ statement }) => statement);
        const { state } = made.at(-1)!;
        expect(verifyChain(account, statements)).toEqual({ ok: true, state });
        const seen = made[cut % made.length]!.state;
        expect(extendChain(seen, statements.slice(seen.head.seq + 1))).toEqual({ ok: true, state });
        expect(state.identityKey).toEqual(keyOf(identity).publicKey);
        expect(currentIds(state)).toEqual(live.map((name) => deviceOf(name).id));
      }),
      { numRuns: 15 },
    );
  });

  it('[CHAIN29] [CHAIN30] once she has left, no device is current and nothing of any life goes on', () => {
    fc.assert(
      fc.property(someSteps, step, (steps, next) => {
        const led = lead(steps);
        const { state } = led.made.at(-1)!;
        const end = closeAccount(state, { identity: keyOf(led.identity) });
        expect(currentIds(end.state)).toEqual([]);
        expect(end.state).toMatchObject({ closedAt: state.head.seq + 1, identityKey: state.identityKey });
        const further = live(led, next, 'further').made.at(-1)!;
        const lie = forge(end.state, keyOf(led.identity), statementOf(further.statement).body);
        expect(extendChain(end.state, [lie])).toMatchObject({ ok: false, reason: 'chain_closed' });
        expect(() => live({ ...led, made: [...led.made, end] }, next, 'further')).toThrow(
          expect.objectContaining({ code: 'chain_closed' }),
        );
      }),
      { numRuns: 15 },
    );
  });

  it('[CHAIN19] a second life from any point on is a fork for who has seen the first', () => {
    fc.assert(
      fc.property(someSteps, someSteps, fc.nat(), (steps, others, cut) => {
        const shared = cut % steps.length;
        const first = lead(steps).made;
        const second = [...steps.slice(0, shared), ...others].reduce<Life>(
          (before, s, i) => live(before, s, i < shared ? `${i}` : `other ${i}`),
          lead([]),
        ).made;
        const shown = second.map(({ statement }) => statement);
        const pinned = first[shared + 1]!.state;
        fc.pre(!shown[shared + 1]!.every((byte, i) => byte === first[shared + 1]!.statement[i]));
        expect(compareToPinned(pinned, shown)).toEqual({ ok: false, reason: 'forked', at: shared + 1 });
      }),
      { numRuns: 15 },
    );
  });
});
