import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { accountOf, createWorld, openWith, register, say, textsOf, type World } from './harness.ts';

describe('two people', () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
  });
  afterEach(async () => {
    await world.close();
  });

  it('alice writes to bob and bob answers', async () => {
    const [alice, bob] = [world.device('alice'), world.device('bob')];
    await register(world, alice);
    await register(world, bob);
    const withBob = await openWith(alice, 'bob');
    await say(alice, withBob, 'hello bob');
    const withAlice = accountOf(alice);
    await world.until(
      'bob reads it',
      async () =>
        bob
          .chat()
          .snapshot()
          .conversations.some(({ key, total }) => key === withAlice && total > 0) &&
        (await textsOf(bob, withAlice)).includes('hello bob'),
    );
    await say(bob, withAlice, 'hello alice');
    await world.until('alice reads it', async () => (await textsOf(alice, withBob)).includes('hello alice'));
    expect(await textsOf(alice, withBob)).toEqual(['hello bob', 'hello alice']);
    expect(await textsOf(bob, withAlice)).toEqual(['hello bob', 'hello alice']);
    expect(alice.chat().snapshot().alarms).toEqual([]);
    expect(bob.chat().snapshot().alarms).toEqual([]);
  });
});
