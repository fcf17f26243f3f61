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
  signIn,
  textsOf,
  type World,
} from './harness.ts';

describe('two people', () => {
  let world: World;
  let alice: Device;
  let bob: Device;
  beforeEach(async () => {
    world = await createWorld();
    [alice, bob] = [world.device('alice'), world.device('bob')];
    await register(world, alice);
    await register(world, bob);
  });
  afterEach(async () => {
    expect(world.failures).toEqual([]);
    await world.close();
  });

  it('alice writes to bob and bob answers', async () => {
    const withBob = await openWith(alice, 'bob');
    const withAlice = accountOf(alice);
    await say(alice, withBob, 'hello bob');
    await hears(world, bob, withAlice, 'hello bob');
    await say(bob, withAlice, 'hello alice');
    await hears(world, alice, withBob, 'hello alice');
    expect(await textsOf(alice, withBob)).toEqual(['hello bob', 'hello alice']);
    expect(await textsOf(bob, withAlice)).toEqual(['hello bob', 'hello alice']);
    expect(alarmsOf(alice, bob)).toEqual([]);
  });

  it('[SYNC7] alice sees that her message reached a device of bob, and bob what he has not read', async () => {
    const withBob = await openWith(alice, 'bob');
    const withAlice = accountOf(alice);
    await say(alice, withBob, 'are you there?');
    await hears(world, bob, withAlice, 'are you there?');
    expect(conversationOf(bob, withAlice)?.unread).toBe(1);
    await world.until('delivered', async () =>
      (await linesOf(alice, withBob)).some((line) => line.mine && line.state === 'delivered'),
    );
    const total = conversationOf(bob, withAlice)?.total ?? 0;
    await bob.chat().markRead({ conversation: withAlice, index: total - 1 });
    await world.until('read', () => conversationOf(bob, withAlice)?.unread === 0);
  });

  it('[SYNC2] what is said offline waits in the outbox and arrives once, in order', async () => {
    const withBob = await openWith(alice, 'bob');
    const withAlice = accountOf(alice);
    await say(alice, withBob, 'first');
    await hears(world, bob, withAlice, 'first');
    alice.online(false);
    bob.online(false);
    for (const text of ['second', 'third', 'fourth']) await say(alice, withBob, text);
    await say(bob, withAlice, 'from bob');
    await world.until('shown', () => conversationOf(alice, withBob)?.queued.length === 3);
    expect(conversationOf(alice, withBob)?.queued.map((line) => line.text)).toEqual([
      'second',
      'third',
      'fourth',
    ]);
    alice.online(true);
    bob.online(true);
    await hears(world, bob, withAlice, 'fourth');
    await hears(world, alice, withBob, 'from bob');
    await hears(world, bob, withAlice, 'from bob');
    const heard = await textsOf(bob, withAlice);
    expect(heard.filter((text) => text !== 'from bob')).toEqual(['first', 'second', 'third', 'fourth']);
    expect(await textsOf(alice, withBob)).toEqual(heard);
    expect(alarmsOf(alice, bob)).toEqual([]);
  });

  it('[SYNC1] the same id is the same message', async () => {
    const withBob = await openWith(alice, 'bob');
    const id = 'ab'.repeat(16);
    const once = { conversation: withBob, id, text: 'only once' };
    await Promise.all([alice.chat().sendMessage(once), alice.chat().sendMessage(once)]);
    await hears(world, bob, accountOf(alice), 'only once');
    await alice.chat().sendMessage(once);
    await alice.restart();
    await alice.chat().sendMessage(once);
    await say(alice, withBob, 'the end');
    await hears(world, bob, accountOf(alice), 'the end');
    expect(await textsOf(bob, accountOf(alice))).toEqual(['only once', 'the end']);
  });

  it('[SYNC9] both open at the same moment and see one thread', async () => {
    const withBob = await openWith(alice, 'bob');
    const withAlice = await openWith(bob, 'alice');
    await Promise.all([say(alice, withBob, 'me first'), say(bob, withAlice, 'no, me')]);
    await hears(world, bob, withAlice, 'me first');
    await hears(world, alice, withBob, 'no, me');
    await say(alice, withBob, 'all right');
    await hears(world, bob, withAlice, 'all right');
    await say(bob, withAlice, 'good');
    await hears(world, alice, withBob, 'good');
    expect(alice.chat().snapshot().conversations).toHaveLength(1);
    expect(bob.chat().snapshot().conversations).toHaveLength(1);
    expect((await textsOf(bob, withAlice)).sort()).toEqual(['all right', 'good', 'me first', 'no, me']);
    expect(alarmsOf(alice, bob)).toEqual([]);
  });

  it('[SYNC3] a restart loses nothing and repeats nothing', async () => {
    const withBob = await openWith(alice, 'bob');
    const withAlice = accountOf(alice);
    await say(alice, withBob, 'one');
    await hears(world, bob, withAlice, 'one');
    await alice.restart();
    await bob.restart();
    expect(await textsOf(bob, withAlice)).toEqual(['one']);
    await say(bob, withAlice, 'two');
    await say(alice, withBob, 'three');
    await hears(world, alice, withBob, 'two');
    await hears(world, bob, withAlice, 'three');
    await hears(world, alice, withBob, 'three');
    expect((await textsOf(alice, withBob)).sort()).toEqual(['one', 'three', 'two']);
    expect(alarmsOf(alice, bob)).toEqual([]);
  });

  it('[SYNC11] bob signs out and in again with a new device, and they go on', async () => {
    const withBob = await openWith(alice, 'bob');
    const withAlice = accountOf(alice);
    await say(alice, withBob, 'before');
    await hears(world, bob, withAlice, 'before');
    await bob.chat().signOut({});
    expect(bob.chat().snapshot().session).toEqual({ state: 'signed_out' });
    const again = world.device('bob');
    await signIn(world, again, 'bob');
    await openWith(again, 'alice');
    await say(again, withAlice, 'new device');
    await hears(world, alice, withBob, 'new device');
    await say(alice, withBob, 'seen');
    await hears(world, again, withAlice, 'seen');
    expect(alarmsOf(alice, again)).toEqual([]);
  });

  it('[SYNC12] bob signs in on a second device, which is added and hears what comes', async () => {
    const withBob = await openWith(alice, 'bob');
    const withAlice = accountOf(alice);
    await say(alice, withBob, 'before');
    await hears(world, bob, withAlice, 'before');
    const phone = world.device('bob-phone');
    await signIn(world, phone, 'bob');
    await bob.restart();
    await world.until('the phone is in', () => conversationOf(phone, withAlice) !== undefined);
    await say(alice, withBob, 'for both');
    await hears(world, bob, withAlice, 'for both');
    await hears(world, phone, withAlice, 'for both');
    await say(phone, withAlice, 'from the phone');
    await hears(world, alice, withBob, 'from the phone');
    await hears(world, bob, withAlice, 'from the phone');
    expect((await linesOf(bob, withAlice)).find((line) => line.text === 'from the phone')?.mine).toBe(true);
    expect(alarmsOf(alice, bob, phone)).toEqual([]);
  });

  it('[SYNC13] both compute one safety number, and verification holds to the key', async () => {
    const withBob = await openWith(alice, 'bob');
    const withAlice = await openWith(bob, 'alice');
    const [hers, his] = [
      await alice.chat().safetyNumber({ account: withBob }),
      await bob.chat().safetyNumber({ account: withAlice }),
    ];
    expect(hers.digits).toBe(his.digits);
    expect(hers.digits).toMatch(/^(\d{5} ){11}\d{5}$/);
    expect(hers.qr).toEqual(his.qr);
    await alice.chat().setVerified({ account: withBob, verified: true });
    expect((await alice.chat().safetyNumber({ account: withBob })).verified).toBe(true);
    expect((await bob.chat().safetyNumber({ account: withAlice })).verified).toBe(false);
  });

  it("[SYNC14] relay's view shows the relay's bytes beside what was read", async () => {
    const withBob = await openWith(alice, 'bob');
    await say(alice, withBob, 'a secret');
    await hears(world, bob, accountOf(alice), 'a secret');
    const rows = await bob.chat().relayView({ conversation: accountOf(alice), count: 50 });
    const row = rows.find(({ meaning }) => meaning === 'a secret');
    expect(row?.kind).toBe('message');
    expect(Buffer.from(row?.body ?? []).includes('a secret')).toBe(false);
  });

  it('[SYNC21] a full disk refuses a message before it is sealed, and loses nothing', async () => {
    const withBob = await openWith(alice, 'bob');
    await say(alice, withBob, 'before');
    await hears(world, bob, accountOf(alice), 'before');
    await world.clock.advance(10_000);
    alice.fill(true);
    await expect(say(alice, withBob, 'no room')).rejects.toMatchObject({ code: 'storage_full' });
    await say(bob, accountOf(alice), 'can you hear me?');
    await world.clock.advance(1000);
    alice.fill(false);
    await say(alice, withBob, 'room again');
    await hears(world, bob, accountOf(alice), 'room again');
    await hears(world, alice, withBob, 'can you hear me?');
    expect(await textsOf(bob, accountOf(alice))).not.toContain('no room');
    expect(alarmsOf(alice, bob)).toEqual([]);
  });

  it('[SYNC22] a device makes new keys after joining and after a hundred messages', async () => {
    const withBob = await openWith(alice, 'bob');
    await say(alice, withBob, 'hello');
    const commits = async () =>
      (await alice.chat().relayView({ conversation: withBob, count: 200 })).filter(
        (row) => row.kind === 'commit',
      ).length;
    await hears(world, bob, accountOf(alice), 'hello');
    await world.until('bob made new keys', async () => (await commits()) === 2);
    await Promise.all(Array.from({ length: 100 }, (_, i) => say(alice, withBob, `message ${i}`)));
    await hears(world, bob, accountOf(alice), 'message 99');
    await world.until('alice made new keys', async () => (await commits()) >= 3);
    expect(await textsOf(bob, accountOf(alice))).toEqual([
      'hello',
      ...Array.from({ length: 100 }, (_, i) => `message ${i}`),
    ]);
    expect(alarmsOf(alice, bob)).toEqual([]);
  });
});
