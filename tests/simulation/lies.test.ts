import { decodeHex } from '@sotto/protocol';
import { generateKeyPair, resetAccount, verifyChain } from '@sotto/transparency';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  accountOf,
  alarmsOf,
  conversationOf,
  createWorld,
  type Device,
  hears,
  linesOf,
  openWith,
  register,
  say,
  textsOf,
  type World,
} from './harness.ts';

describe('a relay that lies', () => {
  let world: World;
  let alice: Device;
  let bob: Device;
  let withBob: string;
  let withAlice: string;
  beforeEach(async () => {
    world = await createWorld();
    [alice, bob] = [world.device('alice'), world.device('bob')];
    await register(world, alice);
    await register(world, bob);
    withBob = await openWith(alice, 'bob');
    withAlice = accountOf(alice);
    await say(alice, withBob, 'hello');
    await hears(world, bob, withAlice, 'hello');
    await say(bob, withAlice, 'hello alice');
    await hears(world, alice, withBob, 'hello alice');
    await world.clock.advance(10_000);
  });
  afterEach(async () => {
    expect(world.failures).toEqual([]);
    await world.close();
  });

  it('[SYNC5] an altered entry becomes a gap and an alarm, and the next message still opens', async () => {
    let altered = 0;
    bob.serve((entries) =>
      entries.map((entry) => {
        if (entry.kind !== 'message' || altered > 0) return entry;
        altered += 1;
        const body = entry.body.slice();
        body[body.length - 1]! ^= 1;
        return { ...entry, body };
      }),
    );
    await say(alice, withBob, 'altered on the way');
    await world.until('the alarm', () => alarmsOf(bob).includes('bob: entry_refused'));
    // The alarm is on disk before the line.
    await world.until('the gap', async () => (await linesOf(bob, withAlice)).at(-1)?.kind === 'gap');
    expect(conversationOf(bob, withAlice)?.blocked).toBe(true);
    await expect(say(bob, withAlice, 'no')).rejects.toMatchObject({ code: 'blocked' });
    await say(alice, withBob, 'after it');
    await hears(world, bob, withAlice, 'after it');
  });

  it('[SYNC6] two transcripts are told apart at the next message, and starting over opens a fresh log', async () => {
    // The relay swaps two messages for bob: each opens, in another order than the one alice has seen.
    bob.online(false);
    for (const text of ['first', 'second', 'third']) {
      await say(alice, withBob, text);
      await hears(world, alice, withBob, text);
    }
    bob.serve((entries) => {
      const [one, two] = entries.filter((entry) => entry.kind === 'message').slice(-3);
      if (one === undefined || two === undefined) return entries;
      const swapped = { [one.seq]: two, [two.seq]: one };
      return entries.map((entry) => ({ ...(swapped[entry.seq] ?? entry), seq: entry.seq, time: entry.time }));
    });
    bob.online(true);
    await world.until('the alarm', () =>
      alarmsOf(bob).some((alarm) => alarm.includes('transcript_mismatch')),
    );
    expect(conversationOf(bob, withAlice)?.blocked).toBe(true);
    bob.serve((entries) => entries);
    for (const alarm of bob.chat().snapshot().alarms)
      await bob.chat().resolveAlarm({ alarm: alarm.id, action: 'start_over' });
    await say(bob, withAlice, 'afresh');
    await hears(world, alice, withBob, 'afresh');
    await say(alice, withBob, 'welcome back');
    await hears(world, bob, withAlice, 'welcome back');
  });

  it('[SYNC16] entries that are numbered and never given are an alarm', async () => {
    bob.online(false);
    await say(alice, withBob, 'withheld');
    await world.clock.advance(5000);
    bob.serve((entries) => entries.filter((entry) => entry.kind === 'commit' || entry.seq < 4));
    bob.online(true);
    await world.until('the alarm', () => alarmsOf(bob).includes('bob: history_missing'));
    expect(await textsOf(bob, withAlice)).not.toContain('withheld');
  });

  it('[SYNC10] a reset of an account blocks until the person accepts the new identity', async () => {
    await alice.chat().setVerified({ account: withBob, verified: true });
    alice.answer((route, input, answer) => {
      const { params } = (input ?? {}) as { params?: { account?: string } };
      if (route !== 'chain' || params?.account !== withBob) return answer;
      const { value } = answer as { value: { statements: Uint8Array[] } };
      const chain = verifyChain(decodeHex(withBob)!, value.statements);
      if (!chain.ok) throw new Error(chain.reason);
      const pair = () => generateKeyPair(crypto.getRandomValues(new Uint8Array(32)));
      const device = { id: crypto.getRandomValues(new Uint8Array(16)), ...pair() };
      const { statement } = resetAccount(chain.state, { identity: pair(), device });
      return { ok: true, value: { statements: [...value.statements, statement] } };
    });
    await alice.restart();
    await world.until('the alarm', () => alarmsOf(alice).includes('alice: identity_changed'));
    await expect(say(alice, withBob, 'is it you?')).rejects.toMatchObject({ code: 'blocked' });
    expect((await alice.chat().safetyNumber({ account: withBob })).verified).toBe(false);
    const [alarm] = alice.chat().snapshot().alarms;
    await alice.chat().resolveAlarm({ alarm: alarm!.id, action: 'accept_identity' });
    expect((await alice.chat().safetyNumber({ account: withBob })).verified).toBe(false);
    expect(alarmsOf(alice)).toEqual([]);
  });

  it('[SYNC17] a shorter or another chain is an alarm, and the pin stays', async () => {
    const before = await alice.chat().safetyNumber({ account: withBob });
    alice.answer((route, input, answer) => {
      const { params } = (input ?? {}) as { params?: { account?: string } };
      return route === 'chain' && params?.account === withBob
        ? { ok: true, value: { statements: [] } }
        : answer;
    });
    await alice.restart();
    await world.until('the alarm', () => alarmsOf(alice).includes('alice: chain_truncated'));
    expect(await alice.chat().safetyNumber({ account: withBob })).toEqual(before);
  });
});
