import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { killAtStep } from './faults.ts';
import {
  accountOf,
  conversationOf,
  createWorld,
  hears,
  openWith,
  PASSWORD,
  register,
  say,
  signInAgain,
  textsOf,
  type World,
} from './harness.ts';

describe('accounts', () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
  });
  afterEach(async () => {
    expect(world.failures).toEqual([]);
    await world.close();
  });

  it('[SYNC8] says what is wrong with a name or a password', async () => {
    const alice = world.device('alice');
    const chat = await alice.start();
    const attempt = (username: string, password: string) => chat.register({ username, password });
    await expect(attempt('a', PASSWORD)).rejects.toMatchObject({ code: 'username_invalid' });
    await expect(attempt('alice', 'short')).rejects.toMatchObject({ code: 'password_too_weak' });
    await attempt('Alice', PASSWORD);
    const other = await world.device('mallory').start();
    await expect(other.register({ username: 'alice', password: PASSWORD })).rejects.toMatchObject({
      code: 'username_taken',
    });
    await expect(other.signIn({ username: 'alice', password: 'not her password' })).rejects.toMatchObject({
      code: 'wrong_credentials',
    });
    await expect(other.signIn({ username: 'nobody', password: PASSWORD })).rejects.toMatchObject({
      code: 'wrong_credentials',
    });
    expect(other.snapshot().session).toEqual({ state: 'signed_out' });
    await expect(other.findPeople({ name: 'alice' })).rejects.toMatchObject({ code: 'not_signed_in' });
  });

  it('[SYNC4] a registration interrupted at any step is finished by trying again', async () => {
    let step = 0;
    for (let killed = true; killed; step++) {
      const username = `alice${step}`;
      const device = world.device(username);
      const chat = await device.start();
      await world.until('the relay was asked', () => chat.snapshot().relay !== undefined);
      device.plan(killAtStep(step));
      await Promise.race([
        chat.register({ username, password: PASSWORD }),
        world.until('it died', () => !device.isAlive()),
      ]);
      killed = !device.isAlive();
      device.plan(() => false);
      const again = await device.restart();
      if (again.snapshot().session.state === 'signed_out')
        await again.register({ username, password: PASSWORD });
      expect(again.snapshot().session).toMatchObject({ state: 'signed_in', username });
      device.kill();
    }
    // Challenge, both legs, the pending and the active record: each before and after.
    expect(step).toBeGreaterThan(10);
  }, 60_000);

  it('[SYNC15] a session the relay ended is taken up again by signing in, with the same device and its lines', async () => {
    const [alice, bob] = [world.device('alice'), world.device('bob')];
    await register(world, alice);
    await register(world, bob);
    const withBob = await openWith(alice, 'bob');
    await say(alice, withBob, 'before');
    await hears(world, bob, accountOf(alice), 'before');
    const before = alice.chat().snapshot().session;
    alice.answer((route, _input, answer) =>
      route === 'refresh' ? { ok: false, code: 'session_ended' } : answer,
    );
    alice.online(false);
    await world.clock.advance(3_600_000);
    alice.online(true);
    await alice.chat().reconnect({});
    await world.until('ended', () => alice.chat().snapshot().connection === 'ended');
    await say(alice, withBob, 'while ended');
    alice.answer((_route, _input, answer) => answer);
    await signInAgain(world, alice, 'alice');
    expect(alice.chat().snapshot().session).toEqual(before);
    await hears(world, bob, accountOf(alice), 'while ended');
    expect(await textsOf(alice, withBob)).toEqual(['before', 'while ended']);
    expect(conversationOf(alice, withBob)?.queued).toEqual([]);
  });

  it('[SYNC18] what did not change in a snapshot keeps its identity', async () => {
    const [alice, bob, carol] = [world.device('alice'), world.device('bob'), world.device('carol')];
    for (const device of [alice, bob, carol]) await register(world, device);
    const withBob = await openWith(alice, 'bob');
    const withCarol = await openWith(alice, 'carol');
    await say(alice, withCarol, 'hello carol');
    await world.until('shown', () => conversationOf(alice, withCarol)?.last?.state === 'delivered');
    await world.clock.advance(10_000);
    const before = alice.chat().snapshot();
    await say(alice, withBob, 'hello bob');
    await world.until('shown', () => conversationOf(alice, withBob)?.last?.text === 'hello bob');
    const after = alice.chat().snapshot();
    expect(after).not.toBe(before);
    expect(after.session).toBe(before.session);
    expect(after.alarms).toBe(before.alarms);
    const carols = (snapshot: typeof before) => snapshot.conversations.find(({ key }) => key === withCarol);
    expect(carols(after)).toBe(carols(before));
  });
});
