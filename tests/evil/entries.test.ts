import type { Entry } from '@sotto/protocol';
import { describe, expect, it } from 'vitest';
import { accountOf, alarmsOf, conversationOf, hears, say, textsOf } from '../simulation/harness.ts';
import {
  decide,
  deviceOf,
  flip,
  gapsOf,
  isAlarmed,
  sealedOf,
  settle,
  startTalk,
  type Talk,
  talkOn,
  writtenSince,
} from './people.ts';

/** What a refused message may touch: the gap line and its thread, the cursor, the alarm. No group, no ratchet, no key. */
const GAP_AND_CURSOR = ['alarm', 'line', 'log', 'thread'];

/** Rewrites what one device is shown of messages from here on. */
function showBob(talk: Talk, lie: (entries: readonly Entry[]) => readonly Entry[]): void {
  const device = deviceOf(talk.bob);
  talk.evil.entries((entries, viewer) => (viewer.device === device ? lie(entries) : entries));
}

const each = (change: (entry: Entry) => Entry) => (entries: readonly Entry[]) => entries.map(change);
const isMessage = ({ kind }: Entry) => kind === 'message';

/** The head of the one log of these two, as the relay last acknowledged it. */
function headOf({ alice, withBob }: Talk): Promise<number> {
  return alice
    .chat()
    .relayView({ conversation: withBob, count: 1 })
    .then((rows) => rows[0]?.seq ?? 0);
}

/** Starts over on the side that was alarmed, then both talk in a fresh log. */
async function startAfresh(talk: Talk): Promise<void> {
  talk.evil.repent();
  await decide(talk.bob, 'start_over');
  await say(talk.bob, talk.withAlice, 'afresh');
  await hears(talk.world, talk.alice, talk.withBob, 'afresh');
}

describe('a relay that shows other entries than it took', () => {
  it('[EVIL15] old live entries again, and entries in the wrong order: nothing is shown twice or written', async () => {
    const talk = await startTalk();
    const { evil, alice, bob, withAlice, withBob } = talk;
    const frames: { log: never; run: Uint8Array }[] = [];
    evil.listen((viewer, name, notice) => {
      if (viewer.device === deviceOf(bob) && name === 'log:entries') frames.push(notice as never);
    });
    await say(alice, withBob, 'once');
    await say(alice, withBob, 'twice');
    await hears(talk.world, bob, withAlice, 'twice');
    await settle(talk);
    const [before, texts] = [await sealedOf(talk, bob), await textsOf(bob, withAlice)];
    for (const frame of [...frames, ...frames.toReversed()]) evil.push(deviceOf(bob), 'log:entries', frame);
    await settle(talk);
    expect(frames.length).toBeGreaterThan(0);
    expect(await writtenSince(before, talk, bob)).toEqual([]);
    expect(await textsOf(bob, withAlice)).toEqual(texts);
    await talkOn(talk, 'still');
    expect(alarmsOf(alice, bob)).toEqual([]);
  });

  it('[EVIL16] an old body under a new number: refused as replayed, a gap and an alarm, no key is used up', async () => {
    const talk = await startTalk();
    const { world, alice, bob, withAlice, withBob } = talk;
    await say(alice, withBob, 'the old one');
    await hears(world, bob, withAlice, 'the old one');
    await settle(talk);
    const rows = await alice.chat().relayView({ conversation: withBob, count: 50 });
    const old = rows.find(({ meaning }) => meaning === 'the old one');
    if (old === undefined) throw new Error('no old entry');
    const before = await sealedOf(talk, bob);
    showBob(
      talk,
      each((entry) => (isMessage(entry) ? { ...entry, body: old.body } : entry)),
    );
    await say(alice, withBob, 'the new one');
    await isAlarmed(world, bob, 'entry_refused');
    await settle(talk);
    expect(await writtenSince(before, talk, bob)).toEqual(GAP_AND_CURSOR);
    expect(await gapsOf(bob, withAlice)).toBe(1);
    expect(conversationOf(bob, withAlice)?.blocked).toBe(true);
    await startAfresh(talk);
  });

  it('[EVIL17] [P5] two messages in each other’s place: an alarm at the next message', async () => {
    const talk = await startTalk();
    const { world, alice, bob, withAlice, withBob } = talk;
    bob.online(false);
    await say(alice, withBob, 'yes');
    await say(alice, withBob, 'no');
    await settle(talk);
    const head = await headOf(talk);
    const places = new Map([
      [head, head - 1],
      [head - 1, head],
    ]);
    showBob(talk, (entries) =>
      entries
        .map((entry) => ({ ...entry, seq: places.get(entry.seq) ?? entry.seq }))
        .sort((a, b) => a.seq - b.seq),
    );
    bob.online(true);
    await hears(world, bob, withAlice, 'no');
    expect((await textsOf(bob, withAlice)).slice(-2)).toEqual(['no', 'yes']);
    await say(alice, withBob, 'next');
    await isAlarmed(world, bob, 'transcript_mismatch');
    await expect(say(bob, withAlice, 'well then')).rejects.toMatchObject({ code: 'blocked' });
    await startAfresh(talk);
  });

  it('[EVIL18] an entry withheld while later ones are shown: an alarm and a gap, nothing after it is taken in', async () => {
    const talk = await startTalk();
    const { world, alice, bob, withAlice, withBob } = talk;
    const head = await headOf(talk);
    const before = await sealedOf(talk, bob);
    showBob(talk, (entries) => entries.filter(({ seq }) => seq !== head + 1));
    await say(alice, withBob, 'withheld');
    await say(alice, withBob, 'shown');
    await isAlarmed(world, bob, 'history_missing');
    await settle(talk);
    expect(await writtenSince(before, talk, bob)).toEqual(GAP_AND_CURSOR);
    expect(await gapsOf(bob, withAlice)).toBe(1);
    expect(await textsOf(bob, withAlice)).not.toContain('shown');
    await startAfresh(talk);
  });

  it('[EVIL19] the newest entry withheld for a while: it comes late, in its place, without an alarm', async () => {
    const talk = await startTalk();
    const { evil, alice, bob, withAlice, withBob } = talk;
    const head = await headOf(talk);
    const before = await sealedOf(talk, bob);
    showBob(talk, (entries) => entries.filter(({ seq }) => seq <= head));
    await say(alice, withBob, 'late');
    await settle(talk);
    expect(await writtenSince(before, talk, bob)).toEqual([]);
    evil.repent();
    await talkOn(talk, 'later');
    expect((await textsOf(bob, withAlice)).slice(-3)).toEqual(['late', 'later from alice', 'later from bob']);
    expect(alarmsOf(alice, bob)).toEqual([]);
  });

  it('[EVIL20] [P5] an entry left out and the others renumbered: an alarm at the first message after it', async () => {
    const talk = await startTalk();
    const { world, alice, bob, withBob } = talk;
    const head = await headOf(talk);
    showBob(talk, (entries) =>
      entries
        .filter(({ seq }) => seq !== head + 1)
        .map((entry) => (entry.seq > head ? { ...entry, seq: entry.seq - 1 } : entry)),
    );
    talk.evil.ack('log:read', (honest) =>
      honest.ok ? { ...honest, head: { ...honest.head, seq: head + 1 } } : honest,
    );
    await say(alice, withBob, 'left out');
    await world.until('it is sent', () => conversationOf(alice, withBob)?.queued.length === 0);
    await settle(talk);
    await say(alice, withBob, 'shown');
    await isAlarmed(world, bob, 'transcript_mismatch');
    await startAfresh(talk);
  });

  it('[EVIL21] a body with a bit changed: refused, a gap and an alarm, no key is used up', async () => {
    const talk = await startTalk();
    const { world, alice, bob, withAlice, withBob } = talk;
    const before = await sealedOf(talk, bob);
    showBob(
      talk,
      each((entry) =>
        isMessage(entry) ? { ...entry, body: flip(entry.body, entry.body.length - 20) } : entry,
      ),
    );
    await say(alice, withBob, 'pay 100');
    await isAlarmed(world, bob, 'entry_refused');
    await settle(talk);
    expect(await writtenSince(before, talk, bob)).toEqual(GAP_AND_CURSOR);
    expect(await gapsOf(bob, withAlice)).toBe(1);
    await startAfresh(talk);
  });

  it('[EVIL22] a message shown as a commit: refused, an alarm and a gap, the epoch and its keys stand', async () => {
    const talk = await startTalk();
    const { world, alice, bob, withAlice, withBob } = talk;
    const before = await sealedOf(talk, bob);
    showBob(
      talk,
      each((entry) => ({ ...entry, kind: 'commit' })),
    );
    await say(alice, withBob, 'a message');
    await isAlarmed(world, bob, 'entry_refused');
    await settle(talk);
    expect(await writtenSince(before, talk, bob)).toEqual(GAP_AND_CURSOR);
    expect(await gapsOf(bob, withAlice)).toBe(1);
    await startAfresh(talk);
  });

  it('[EVIL23] another epoch, time or id in the header: read all the same, the body alone says what it is', async () => {
    const talk = await startTalk();
    const { world, alice, bob, withAlice, withBob } = talk;
    const future = world.clock.now() + 1e12;
    showBob(
      talk,
      each((entry) => ({ ...entry, epoch: entry.epoch + 7, time: future, id: flip(entry.id, 3) as never })),
    );
    const id = await say(alice, withBob, 'whenever');
    await hears(world, bob, withAlice, 'whenever');
    talk.evil.repent();
    const line = (await bob.chat().readMessages({ conversation: withAlice, from: 0, count: 50 })).at(-1);
    expect(line).toMatchObject({ text: 'whenever', sender: accountOf(alice), state: 'received' });
    expect(line?.id).not.toBe(id);
    await talkOn(talk, 'still');
    expect(alarmsOf(alice, bob)).toEqual([]);
  });

  it('[EVIL24] a run that is cut or numbered with a hole: nothing of it is taken in, an alarm and a gap', async () => {
    const talk = await startTalk();
    const { world, alice, bob, withAlice, withBob } = talk;
    bob.online(false);
    await say(alice, withBob, 'one');
    await say(alice, withBob, 'two');
    await settle(talk);
    const before = await sealedOf(talk, bob);
    talk.evil.ack('log:subscribe', (honest) =>
      honest.ok ? { ...honest, run: honest.run.slice(0, -3) } : honest,
    );
    bob.online(true);
    await isAlarmed(world, bob, 'history_missing');
    await settle(talk);
    expect(await writtenSince(before, talk, bob)).toEqual(GAP_AND_CURSOR);
    expect(await textsOf(bob, withAlice)).not.toContain('one');
    await startAfresh(talk);
  });
});
