import { describe, expect, it } from 'vitest';
import type { Hint } from '../../../src/realtime/hints.ts';
import { decodeNodeMessage, encodeNodeMessage } from '../../../src/store/redis/hint-messages.ts';
import { createHintOutbox } from '../../../src/store/redis/hint-outbox.ts';
import { ALICE, BOB } from '../../realtime/live-relay.ts';

const logHint = (n: number, seq: number): Hint => {
  const log = new Uint8Array(32);
  new DataView(log.buffer).setUint32(0, n);
  return { kind: 'log', log: log as never, seq };
};
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

describe('messages between relays', () => {
  it('[LOG26] come out as they went in', () => {
    const hints = [logHint(1, 2 ** 40), inbox(1), notice, { ...notice, device: ALICE.device }] as Hint[];
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
      encodeNodeMessage({ what: 'beat', node: 'x'.repeat(37), echo: '' }),
    ]) {
      expect(decodeNodeMessage(bad)).toBeUndefined();
    }
  });
});
