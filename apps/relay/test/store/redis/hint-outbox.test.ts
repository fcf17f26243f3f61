import type { Entry, EntryId } from '@sotto/protocol';
import { describe, expect, it } from 'vitest';
import type { Hint } from '../../../src/realtime/hints.ts';
import { decodeNodeMessage, encodeNodeMessage } from '../../../src/store/redis/hint-messages.ts';
import { createHintOutbox } from '../../../src/store/redis/hint-outbox.ts';
import { ALICE, BOB } from '../../realtime/live-relay.ts';

const logHint = (n: number, seq: number): Hint => {
  const log = new Uint8Array(32);
  new DataView(log.buffer).setUint32(0, n);
  return { kind: 'log', log: log as never, seq, entries: [] };
};
const entry = (seq: number, size = 20): Entry => ({
  seq,
  time: 1_800_000_000_000,
  id: new Uint8Array(16).fill(seq) as EntryId,
  epoch: 3,
  kind: 'message',
  body: new Uint8Array(size).fill(9),
});
const withEntries = (n: number, ...entries: Entry[]): Hint =>
  ({ ...logHint(n, entries.at(-1)?.seq ?? 0), entries }) as Hint;
const inbox = (seq: number): Hint => ({ kind: 'inbox', account: BOB.account, device: BOB.device, seq });
const notice: Hint = {
  kind: 'notice',
  account: ALICE.account,
  device: undefined,
  name: 'account:changed',
  notice: { what: 'password' },
};

describe('hints that wait for Redis', () => {
  it('[LOG23] are kept until they go, the newest of each log and inbox', () => {
    const outbox = createHintOutbox();
    for (const hint of [
      logHint(1, 3),
      logHint(2, 9),
      logHint(1, 7),
      logHint(1, 5),
      inbox(1),
      inbox(2),
      notice,
    ]) {
      outbox.add(hint);
    }
    const first = outbox.take(3);
    expect(first).toEqual({ hints: [notice, logHint(1, 7), logHint(2, 9)], missed: false });
    outbox.add(logHint(1, 8));
    outbox.putBack(first ?? { hints: [], missed: false });
    expect(outbox.take(10)?.hints).toEqual(
      expect.arrayContaining([notice, logHint(1, 8), logHint(2, 9), inbox(2)]),
    );
    expect(outbox.take(10)).toBeUndefined();
  });

  it('[LOG23] that are too many are let go, and the others are told that they missed something', () => {
    const outbox = createHintOutbox();
    for (let n = 0; n < 25_000; n++) outbox.add(logHint(n, 1));
    const all = [];
    let missed = false;
    for (let out = outbox.take(4000); out !== undefined; out = outbox.take(4000)) {
      all.push(...out.hints);
      missed ||= out.missed;
    }
    expect([all.length, missed]).toEqual([20_000, true]);
  });
});

describe('hints with entries', () => {
  it('[LOG21] go together by log, each run without a gap, and the newest position where there is no entry', () => {
    const outbox = createHintOutbox();
    for (const hint of [
      withEntries(1, entry(5)),
      withEntries(1, entry(7)),
      withEntries(2, entry(1)),
      withEntries(1, entry(6)),
      withEntries(1, entry(9)),
      logHint(1, 12),
    ]) {
      outbox.add(hint);
    }
    expect(outbox.take(10)?.hints).toEqual([
      withEntries(1, entry(5), entry(6), entry(7)),
      withEntries(1, entry(9)),
      logHint(1, 12),
      withEntries(2, entry(1)),
    ]);
  });

  it('[LOG23] keep their positions alone when they are many, or come back unsent', () => {
    const outbox = createHintOutbox();
    for (let seq = 1; seq <= 40; seq++) outbox.add(withEntries(1, entry(seq, 60_000)));
    const out = outbox.take(10);
    const [first, last] = [out?.hints[0], out?.hints.at(-1)];
    expect(first?.kind === 'log' && first.entries.length).toBeLessThan(20);
    expect(last).toEqual(logHint(1, 40));
    outbox.putBack(out ?? { hints: [], missed: false });
    expect(outbox.take(10)?.hints).toEqual([logHint(1, 40)]);
    // What was taken makes room again.
    outbox.add(withEntries(1, entry(41, 60_000)));
    expect(outbox.take(10)?.hints).toEqual([withEntries(1, entry(41, 60_000))]);
  });
});

describe('messages between relays', () => {
  it('[LOG26] come out as they went in', () => {
    const hints = [
      logHint(1, 2 ** 40),
      withEntries(2, entry(5), entry(6)),
      inbox(1),
      notice,
      { ...notice, device: ALICE.device },
    ] as Hint[];
    const said = { what: 'hints', node: 'a', missed: true, hints } as const;
    expect(decodeNodeMessage(encodeNodeMessage(said))).toEqual(said);
    const beat = { what: 'beat', node: 'a', echo: '12.5' } as const;
    expect(decodeNodeMessage(encodeNodeMessage(beat))).toEqual(beat);
  });

  it('[LOG26] that are anything else are none', () => {
    const good = encodeNodeMessage({ what: 'hints', node: 'a', missed: false, hints: [notice] });
    for (const bad of [
      Buffer.from('missed'),
      good.subarray(1),
      Buffer.concat([good, Buffer.of(0)]),
      encodeNodeMessage({
        what: 'hints',
        node: 'a',
        missed: false,
        hints: [{ ...notice, name: 'toString' } as never],
      }),
      encodeNodeMessage({
        what: 'hints',
        node: 'a',
        missed: false,
        hints: [{ ...notice, notice: { what: 'x' } } as never],
      }),
      encodeNodeMessage({ what: 'hints', node: 'a', missed: false, hints: [logHint(1, -1)] }),
      encodeNodeMessage({
        what: 'hints',
        node: 'a',
        missed: false,
        hints: [withEntries(1, entry(5), entry(7))],
      }),
      encodeNodeMessage({ what: 'beat', node: 'x'.repeat(37), echo: '' }),
    ]) {
      expect(decodeNodeMessage(bad)).toBeUndefined();
    }
  });
});
