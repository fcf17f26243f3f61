import { describe, expect, it } from 'vitest';
import { addDevice, createChain } from '../src/make.ts';
import { compareToPinned, extendChain, verifyChain } from '../src/verify.ts';
import { alice, chain, life, story } from './alice.ts';
import { accountOf, deviceOf, forge, keyOf, patch, splice } from './people.ts';

const { account, first, laptop } = alice;
const { created, added, revoked, closed } = life;

describe('a whole chain', () => {
  it('[CHAIN7] is linked from seq 0, each statement to the one before', () => {
    expect(verifyChain(account, chain)).toEqual({ ok: true, state: closed.state });
    expect(verifyChain(account, chain.slice(1))).toMatchObject({ reason: 'seq_gap', at: 0 });
    expect(verifyChain(account, [...chain.slice(0, 1), ...chain.slice(2)])).toMatchObject({
      reason: 'seq_gap',
      at: 1,
    });
    const body = { op: 'revoke_device', device: laptop.id } as const;
    const elsewhere = forge(created.state, first, body, { prev: new Uint8Array(32) });
    expect(extendChain(created.state, [elsewhere])).toMatchObject({ reason: 'prev_mismatch', at: 1 });
  });

  it('[CHAIN3] is bounded before anything is read', () => {
    const far = { ...created.state, head: { seq: 4094, hash: created.state.head.hash } };
    expect(extendChain(far, [new Uint8Array(1024)])).toMatchObject({ reason: 'version_unknown', at: 4095 });
    expect(extendChain(far, [new Uint8Array(1025)])).toMatchObject({ reason: 'too_large', at: 4095 });
    expect(extendChain(far, [new Uint8Array(), new Uint8Array()])).toMatchObject({
      reason: 'too_long',
      at: 4096,
    });
    const full = { ...created.state, head: { seq: 4095, hash: created.state.head.hash } };
    expect(() => addDevice(full, { identity: first, device: deviceOf('one too many') })).toThrow(
      expect.objectContaining({ code: 'too_long' }),
    );
  });

  it('[CHAIN4] of an account whose id has another length is the caller’s mistake', () => {
    expect(() => verifyChain(new Uint8Array(15), chain)).toThrow(
      expect.objectContaining({ code: 'malformed' }),
    );
    expect(() => verifyChain(new Uint8Array(15), [new Uint8Array()])).toThrow('expected 16 bytes');
    const device = deviceOf('x');
    expect(() => createChain({ account: new Uint8Array(17), identity: first, device })).toThrow(
      expect.objectContaining({ code: 'malformed' }),
    );
  });

  it('[CHAIN18] verified in parts gives the same state', () => {
    for (const [i, { state }] of story.entries()) {
      expect(extendChain(state, chain.slice(i + 1))).toEqual({ ok: true, state: closed.state });
    }
    expect(extendChain(closed.state, [])).toEqual({ ok: true, state: closed.state });
  });

  it('[CHAIN22] keeps nothing of the bytes it was read from, also when they are a Buffer', () => {
    const received = chain.map((bytes) => Buffer.from(bytes));
    const id = Uint8Array.from(account);
    const result = verifyChain(id, received);
    for (const bytes of [...received, id]) bytes.fill(0);
    expect(result).toEqual({ ok: true, state: closed.state });
  });
});

describe('bob has pinned alice’s chain', () => {
  it('[CHAIN19] the same chain, or a longer one, is fine', () => {
    for (const { state } of story) {
      expect(compareToPinned(state, chain)).toEqual({ ok: true, state: closed.state });
    }
    expect(compareToPinned(closed.state, chain)).toEqual({ ok: true, state: closed.state });
  });

  it('[CHAIN19] a shorter one is an alarm', () => {
    expect(compareToPinned(revoked.state, chain.slice(0, 2))).toEqual({
      ok: false,
      reason: 'truncated',
      at: 2,
    });
    expect(compareToPinned(revoked.state, [])).toEqual({ ok: false, reason: 'truncated', at: 0 });
  });

  it('[CHAIN19] a second history is an alarm, even with every signature in order', () => {
    const other = addDevice(created.state, { identity: first, device: deviceOf('other') });
    const longer = addDevice(other.state, { identity: first, device: deviceOf('another') });
    const shown = [created.statement, other.statement, longer.statement];
    expect(verifyChain(account, shown).ok).toBe(true);
    expect(compareToPinned(added.state, shown)).toEqual({ ok: false, reason: 'forked', at: 1 });
  });

  it('[CHAIN19] a list that is no chain is refused with its own reason', () => {
    const bob = createChain({ account: accountOf('bob'), identity: keyOf('bob'), device: deviceOf('bob') });
    expect(compareToPinned(created.state, [bob.statement])).toMatchObject({
      reason: 'label_mismatch',
      at: 0,
    });
    const older = [patch(chain[0]!, chain[0]!.length - 1, 0xff), ...chain.slice(1)];
    expect(compareToPinned(revoked.state, older)).toMatchObject({ reason: 'bad_signature', at: 0 });
    const newer = [...chain.slice(0, 4), splice(chain[4]!, 0, 1)];
    expect(compareToPinned(revoked.state, newer)).toMatchObject({ ok: false, at: 4 });
  });
});
