import { getRandomValues } from 'node:crypto';
import type { Entry } from '@sotto/protocol';
import { addDevice, generateKeyPair, verifyChain } from '@sotto/transparency';
import { describe, expect, it } from 'vitest';
import { accountOf, alarmsOf, conversationOf, hears, openWith, say, textsOf } from '../simulation/harness.ts';
import {
  decide,
  deviceOf,
  flip,
  gapsOf,
  isAlarmed,
  meet,
  sealedOf,
  settle,
  startTalk,
  talkOn,
  writtenSince,
} from './people.ts';

const random = (length: number) => getRandomValues(new Uint8Array(length));
const WEEK = 7 * 24 * 3600 * 1000 + 1;
const GAP_AND_CURSOR = ['alarm', 'line', 'log', 'thread'];

describe('a relay that withholds, and one that tampers with commits', () => {
  it('[EVIL36] a Welcome withheld for a while: the conversation comes late and whole', async () => {
    const scene = await meet('alice', 'bob');
    const { world, evil } = scene;
    const [alice, bob] = scene.cast;
    if (alice === undefined || bob === undefined) throw new Error('nobody came');
    const before = await sealedOf(scene, bob);
    evil.ack('inbox:read', () => ({ ok: true, run: new Uint8Array() }));
    const withBob = await openWith(alice, 'bob');
    await say(alice, withBob, 'one');
    await say(alice, withBob, 'two');
    await world.until('both are sent', () => conversationOf(alice, withBob)?.queued.length === 0);
    await settle(scene);
    expect(await writtenSince(before, scene, bob)).toEqual([]);
    evil.repent();
    bob.online(false);
    bob.online(true);
    await hears(world, bob, accountOf(alice), 'two');
    expect(await textsOf(bob, accountOf(alice))).toEqual(['one', 'two']);
    expect(alarmsOf(alice, bob)).toEqual([]);
  });

  it('[EVIL37] a log set back to an earlier state, or said to be unknown: alarm and gap, nothing shown is lost', async () => {
    const talk = await startTalk();
    const { world, evil, alice, bob, withAlice, withBob } = talk;
    const texts = await textsOf(bob, withAlice);
    for (const lie of ['set back', 'unknown'] as const) {
      bob.online(false);
      await settle(talk);
      const before = await sealedOf(talk, bob);
      evil.ack('log:subscribe', (honest, { viewer }) => {
        if (viewer.device !== deviceOf(bob)) return honest;
        if (lie === 'unknown' || !honest.ok) return { ok: false, code: 'log_unknown' };
        return { ok: true, run: new Uint8Array(), head: { ...honest.head, seq: 1 } };
      });
      bob.online(true);
      await isAlarmed(world, bob, 'history_missing');
      await settle(talk);
      expect(await writtenSince(before, talk, bob)).toEqual(GAP_AND_CURSOR);
      expect((await textsOf(bob, withAlice)).slice(0, texts.length)).toEqual(texts);
      evil.repent();
      await decide(bob, 'start_over');
      await say(bob, withAlice, `after: ${lie}`);
      await hears(world, alice, withBob, `after: ${lie}`);
      await settle(talk);
    }
    expect(await gapsOf(bob, withAlice)).toBe(2);
  });

  for (const [name, lie] of [
    ['with a bit changed', (entry: Entry) => ({ ...entry, body: flip(entry.body, entry.body.length - 70) })],
    ['shown as a message', (entry: Entry) => ({ ...entry, kind: 'message' as const })],
  ] as const)
    it(`[EVIL38] a commit ${name}: refused, gap and alarm, the old epoch's keys stand and no new ones are made`, async () => {
      const talk = await startTalk();
      const { world, evil, alice, bob, withAlice, withBob } = talk;
      for (const device of [alice, bob]) device.kill();
      await world.clock.advance(WEEK);
      const commits = evil.requests('log:commit').length;
      await bob.start();
      // Bob renews his keys first; what follows from that is done before alice wakes.
      await world.until('bob renewed his keys', () => evil.requests('log:commit').length > commits);
      await settle(talk);
      const before = await sealedOf(talk, bob);
      const bobs = deviceOf(bob);
      evil.entries((entries, viewer) =>
        viewer.device === bobs
          ? entries.map((entry) => (entry.kind === 'commit' ? lie(entry) : entry))
          : entries,
      );
      await alice.start();
      await isAlarmed(world, bob, 'entry_refused');
      await settle(talk);
      expect(await writtenSince(before, talk, bob)).toEqual(GAP_AND_CURSOR);
      expect(await gapsOf(bob, withAlice)).toBeGreaterThan(0);
      expect(conversationOf(bob, withAlice)?.blocked).toBe(true);
      evil.repent();
      await decide(bob, 'start_over');
      await say(bob, withAlice, 'afresh');
      await hears(world, alice, withBob, 'afresh');
    });

  it('[EVIL43] a commit acknowledged and not stored: alarm and gap when the relay does not know its epoch', async () => {
    const talk = await startTalk();
    const { world, evil, alice, bob, withAlice, withBob } = talk;
    const texts = await textsOf(bob, withAlice);
    const [newest] = await alice.chat().relayView({ conversation: withBob, count: 1 });
    for (const device of [alice, bob]) device.kill();
    await world.clock.advance(WEEK);
    evil.intercept('log:commit', () => ({ ok: true, seq: (newest?.seq ?? 0) + 1, time: world.clock.now() }));
    await alice.start();
    await isAlarmed(world, alice, 'history_missing');
    expect(conversationOf(alice, withBob)?.blocked).toBe(true);
    await world.until('the gap is shown', async () => (await gapsOf(alice, withBob)) === 1);
    evil.repent();
    await bob.start();
    await decide(alice, 'start_over');
    await say(alice, withBob, 'afresh');
    await hears(world, bob, withAlice, 'afresh');
    expect(await textsOf(bob, withAlice)).toEqual([...texts, 'afresh']);
    expect(alarmsOf(alice, bob)).toEqual([]);
  });

  it("[P3] [EVIL39] an extra device in one's own chain: alarm about oneself, nothing is sent anywhere until it is decided", async () => {
    const talk = await startTalk();
    const { world, evil, alice, bob, withBob } = talk;
    const before = await sealedOf(talk, alice);
    evil.answer('chain', (honest, { path }) => {
      if (!path.includes(accountOf(alice))) return honest;
      const verified = verifyChain(new Uint8Array(Buffer.from(accountOf(alice), 'hex')), honest.statements);
      if (!verified.ok) throw new Error(verified.reason);
      const identity = generateKeyPair(random(32));
      const state = { ...verified.state, identityKey: identity.publicKey };
      const device = { id: random(16), ...generateKeyPair(random(32)) };
      return { statements: [...honest.statements, addDevice(state, { identity, device }).statement] };
    });
    const claims = evil.answers('claimKeyPackages').length;
    alice.online(false);
    alice.online(true);
    await isAlarmed(world, alice, 'chain_forked');
    await settle(talk);
    await expect(say(alice, withBob, 'is it me?')).rejects.toMatchObject({ code: 'blocked' });
    expect(await writtenSince(before, talk, alice)).toEqual(['alarm']);
    expect(evil.answers('claimKeyPackages')).toHaveLength(claims);
    evil.repent();
    await decide(alice, 'dismiss');
    await talkOn(talk, 'again');
    expect(alarmsOf(alice, bob)).toEqual([]);
  });
});
