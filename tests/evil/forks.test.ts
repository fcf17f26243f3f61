import { type Entry, encodeRun, type LogId, type RequestOf } from '@sotto/protocol';
import { describe, expect, it } from 'vitest';
import { alarmsOf, conversationOf, type Device, hears, say } from '../simulation/harness.ts';
import {
  decide,
  deviceOf,
  gapsOf,
  isAlarmed,
  type Sealed,
  sealedOf,
  settle,
  startTalk,
  type Talk,
  talkOn,
  writtenSince,
} from './people.ts';

const WEEK = 7 * 24 * 3600 * 1000 + 1;

/** The newest entry of the log these two talk in. */
async function newestOf({ alice, withBob }: Talk) {
  const [row] = await alice.chat().relayView({ conversation: withBob, count: 1 });
  if (row === undefined) throw new Error('an empty log');
  return row;
}

/**
 * From here on bob lives in a branch of the log of his own: his commit is acknowledged beside alice's for the same epoch,
 * and neither is shown the other's.
 */
async function branchOff(talk: Talk): Promise<{ readonly branch: Entry[]; readonly head: number }> {
  const { evil, bob } = talk;
  const { seq: head, epoch } = await newestOf(talk);
  const branch: Entry[] = [];
  const isBob = (viewer: { readonly device: string }) => viewer.device === bobs;
  const bobs = deviceOf(bob);
  const append = (request: RequestOf<'log:append'>, kind: Entry['kind']) => {
    const entry = { ...request, kind, seq: head + 1 + branch.length, time: talk.world.clock.now() };
    branch.push(entry);
    return { ok: true as const, seq: entry.seq, time: entry.time };
  };
  const read = (after: number) => ({
    ok: true as const,
    run: encodeRun(branch.filter(({ seq }) => seq > after)),
    head: { epoch: epoch + 1, seq: head + branch.length },
  });
  evil.entries((entries, viewer) => (isBob(viewer) ? entries.filter(({ seq }) => seq <= head) : entries));
  evil.intercept('log:commit', ({ viewer, request }) =>
    isBob(viewer) ? append(request, 'commit') : undefined,
  );
  evil.intercept('log:append', ({ viewer, request }) =>
    isBob(viewer) ? append(request, 'message') : undefined,
  );
  for (const name of ['log:subscribe', 'log:read'] as const)
    evil.intercept(name, ({ viewer, request }) =>
      isBob(viewer) && branch.length > 0 ? read(request.after) : undefined,
    );
  return { branch, head };
}

async function expectRefused(talk: Talk, device: Device, thread: string, before: Sealed): Promise<void> {
  await isAlarmed(talk.world, device, 'entry_refused');
  // The alarm is on disk before the line.
  await talk.world.until('the gap is shown', async () => (await gapsOf(device, thread)) === 1);
  expect(conversationOf(device, thread)?.blocked).toBe(true);
  expect(await writtenSince(before, talk, device)).toEqual(['alarm', 'line', 'log', 'thread']);
}

describe('a relay that keeps two histories', () => {
  it("[EVIL31] two commits accepted for one epoch, each shown to half: each refuses the other half's next entry, gap and alarm", async () => {
    const talk = await startTalk();
    const { world, evil, alice, bob, withBob, withAlice } = talk;
    const { branch, head } = await branchOff(talk);
    for (const device of [alice, bob]) device.kill();
    await world.clock.advance(WEEK);
    const commits = evil.requests('log:commit').length;
    for (const device of [alice, bob]) await device.start();
    await world.until('both have committed', () => evil.requests('log:commit').length >= commits + 2);
    await settle(talk);
    await say(alice, withBob, 'from one half');
    await say(bob, withAlice, 'from the other');
    await world.until('both are acknowledged', () =>
      [conversationOf(alice, withBob), conversationOf(bob, withAlice)].every(
        (seen) => seen?.queued.length === 0,
      ),
    );
    const sent = evil.requests('log:append').filter(({ viewer }) => viewer.device === deviceOf(alice));
    const [hers, his] = [sent.at(-1)?.request, branch.at(-1)];
    if (hers === undefined || his === undefined) throw new Error('nothing to show');
    const before = [await sealedOf(talk, alice), await sealedOf(talk, bob)] as const;
    const cross = (request: Pick<Entry, 'id' | 'epoch' | 'body'>) =>
      encodeRun([{ ...request, seq: head + 3, time: world.clock.now(), kind: 'message' }]);
    evil.push(deviceOf(bob), 'log:entries', { log: hers.log, run: cross(hers) });
    evil.push(deviceOf(alice), 'log:entries', { log: hers.log as LogId, run: cross(his) });
    await expectRefused(talk, alice, withBob, before[0]);
    await expectRefused(talk, bob, withAlice, before[1]);
    evil.repent();
    for (const device of [alice, bob]) await decide(device, 'start_over');
    await talkOn(talk, 'afresh');
    expect(alarmsOf(alice, bob)).toEqual([]);
  });

  it("[EVIL32] [P5] an entry hidden from bob alone: his device says so when alice's next report tells what she saw", async () => {
    const talk = await startTalk();
    const { world, evil, alice, bob, withBob, withAlice } = talk;
    const { seq: head } = await newestOf(talk);
    const bobs = deviceOf(bob);
    const shift = (seq: number) => (seq > head ? seq - 1 : seq);
    evil.entries((entries, viewer) =>
      viewer.device === bobs
        ? entries.filter(({ seq }) => seq !== head + 1).map((entry) => ({ ...entry, seq: shift(entry.seq) }))
        : entries,
    );
    for (const name of ['log:read', 'log:subscribe'] as const)
      evil.ack(name, (honest, { viewer }) =>
        honest.ok && viewer.device === bobs
          ? { ...honest, head: { ...honest.head, seq: shift(honest.head.seq) } }
          : honest,
      );
    evil.ack('log:append', (honest, { viewer }) =>
      honest.ok && viewer.device === bobs ? { ...honest, seq: shift(honest.seq) } : honest,
    );
    await say(alice, withBob, 'hidden from bob');
    await world.until('it is sent', () => conversationOf(alice, withBob)?.queued.length === 0);
    await settle(talk);
    // Alice's device reports what it has, and a report is a message: it says what she saw.
    await say(bob, withAlice, 'next words');
    await hears(world, alice, withBob, 'next words');
    await isAlarmed(world, bob, 'transcript_mismatch');
    await expect(say(bob, withAlice, 'what?')).rejects.toMatchObject({ code: 'blocked' });
    evil.repent();
    await decide(bob, 'start_over');
    await say(bob, withAlice, 'afresh');
    await hears(world, alice, withBob, 'afresh');
  });
});
