import { describe, expect, it } from 'vitest';
import { alarmsOf, conversationOf, hears, say, textsOf } from '../simulation/harness.ts';
import { decide, deviceOf, isAlarmed, sealedOf, settle, startTalk, talkOn, writtenSince } from './people.ts';

describe('a relay that lies to who writes', () => {
  it('[EVIL26] an ack with a wrong place, for an entry that is stored: it counts where the log has it', async () => {
    const talk = await startTalk();
    const { world, evil, alice, bob, withBob, withAlice } = talk;
    evil.ack('log:append', (honest) => (honest.ok ? { ...honest, seq: honest.seq + 3 } : honest));
    await say(alice, withBob, 'where am I?');
    await hears(world, bob, withAlice, 'where am I?');
    evil.repent();
    await world.until('it is sent', () => conversationOf(alice, withBob)?.queued.length === 0);
    expect((await textsOf(alice, withBob)).at(-1)).toBe('where am I?');
    // Past the place that the false ack named: what was said of it is forgotten when the true entry comes.
    for (const word of ['still', 'further', 'past it']) await talkOn(talk, word);
    expect(alarmsOf(alice, bob)).toEqual([]);
    expect(await textsOf(alice, withBob)).toEqual(await textsOf(bob, withAlice));
  });

  it('[EVIL27] [P5] an ack for an entry that is not stored: an alarm on both sides at the next message', async () => {
    const talk = await startTalk();
    const { world, evil, alice, bob, withBob, withAlice } = talk;
    const head = (await alice.chat().relayView({ conversation: withBob, count: 1 }))[0]?.seq ?? 0;
    evil.intercept('log:append', () => ({ ok: true, seq: head + 1, time: world.clock.now() }));
    await say(alice, withBob, 'swallowed');
    await world.until('it shows as sent', () => conversationOf(alice, withBob)?.queued.length === 0);
    evil.repent();
    await settle(talk);
    await say(alice, withBob, 'next');
    await isAlarmed(world, bob, 'transcript_mismatch');
    await isAlarmed(world, alice, 'history_missing');
    expect(conversationOf(alice, withBob)?.blocked).toBe(true);
    for (const device of [alice, bob]) await decide(device, 'start_over');
    await talkOn(talk, 'afresh');
    expect(await textsOf(bob, withAlice)).not.toContain('swallowed');
    // Sealed for the log that was given up: it goes nowhere else by itself.
    const { queued } = conversationOf(alice, withBob) ?? {};
    expect(queued?.map(({ text, state }) => [text, state])).toEqual([['next', 'failed']]);
  });

  it('[EVIL44] an own entry shown at two places is one line, and an alarm', async () => {
    const talk = await startTalk();
    const { world, evil, alice, bob, withBob, withAlice } = talk;
    const head = (await alice.chat().relayView({ conversation: withBob, count: 1 }))[0]?.seq ?? 0;
    evil.ack('log:append', () => ({ ok: false, code: 'unavailable' }));
    evil.entries((entries, viewer) => {
      const own = entries.find(({ seq }) => seq === head + 1);
      if (viewer.device !== deviceOf(alice) || own === undefined) return entries;
      return [...entries.filter(({ seq }) => seq <= own.seq), { ...own, seq: own.seq + 1 }];
    });
    await say(alice, withBob, 'once');
    await hears(world, bob, withAlice, 'once');
    alice.online(false);
    alice.online(true);
    await isAlarmed(world, alice, 'entry_refused');
    await world.until('it is a line', async () => (await textsOf(alice, withBob)).includes('once'));
    expect((await textsOf(alice, withBob)).filter((text) => text === 'once')).toHaveLength(1);
  });

  it('[EVIL28] [P5] an entry acknowledged in one place and shown to others in another: an alarm at the next message', async () => {
    const talk = await startTalk();
    const { world, evil, alice, bob, withBob, withAlice } = talk;
    const head = (await alice.chat().relayView({ conversation: withBob, count: 1 }))[0]?.seq ?? 0;
    bob.online(false);
    await say(alice, withBob, 'first');
    await say(alice, withBob, 'second');
    await settle(talk);
    // To bob, the two stand in each other's place; alice's acks said otherwise.
    evil.entries((entries, viewer) =>
      viewer.device === deviceOf(bob)
        ? entries
            .map((entry) => (entry.seq > head ? { ...entry, seq: 2 * head + 3 - entry.seq } : entry))
            .sort((a, b) => a.seq - b.seq)
        : entries,
    );
    bob.online(true);
    await hears(world, bob, withAlice, 'second');
    evil.repent();
    await say(alice, withBob, 'third');
    await isAlarmed(world, bob, 'transcript_mismatch');
    await decide(bob, 'start_over');
    await say(bob, withAlice, 'afresh');
    await hears(world, alice, withBob, 'afresh');
  });

  it('[EVIL29] an epoch said to have moved that has not: asked again at its pace, nothing is written, sent once when let through', async () => {
    const talk = await startTalk();
    const { world, evil, alice, bob, withBob, withAlice } = talk;
    evil.intercept('log:append', ({ request }) => ({
      ok: false,
      code: 'epoch_moved',
      head: { epoch: request.epoch + 1, seq: 99 },
    }));
    await say(alice, withBob, 'patience');
    const before = await sealedOf(talk, alice);
    const asked = evil.requests('log:append').length;
    const from = world.clock.now();
    await world.until('a minute is over', () => world.clock.now() - from > 60_000);
    expect(evil.requests('log:append').length - asked).toBeLessThan(40);
    expect(await writtenSince(before, talk, alice)).toEqual([]);
    expect(conversationOf(alice, withBob)?.queued.map(({ text }) => text)).toEqual(['patience']);
    evil.repent();
    await hears(world, bob, withAlice, 'patience');
    await talkOn(talk, 'still');
    expect((await textsOf(bob, withAlice)).filter((text) => text === 'patience')).toHaveLength(1);
    expect(alarmsOf(alice, bob)).toEqual([]);
  });

  it('[EVIL30] answers of no shape: as if the relay were out of reach, nothing is written', async () => {
    const talk = await startTalk();
    const { world, evil, alice, bob, withBob, withAlice } = talk;
    for (const name of ['log:append', 'log:read', 'log:subscribe'] as const)
      evil.intercept(name, () => ({ ok: true, seq: -1, run: 'no bytes', head: null }) as never);
    await say(alice, withBob, 'hello?');
    const before = await sealedOf(talk, alice);
    await settle(talk);
    expect(await writtenSince(before, talk, alice)).toEqual([]);
    evil.repent();
    for (const device of [alice, bob]) {
      device.online(false);
      device.online(true);
    }
    await hears(world, bob, withAlice, 'hello?');
    await talkOn(talk, 'still');
    expect(alarmsOf(alice, bob)).toEqual([]);
  });
});
