import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  accountOf,
  alarmsOf,
  conversationOf,
  createWorld,
  type Device,
  hears,
  openWith,
  PASSWORD,
  register,
  say,
  type World,
} from './harness.ts';

const DAY = 24 * 3600 * 1000;

interface Upload {
  readonly oneTime: readonly Uint8Array[];
  readonly lastResort?: Uint8Array;
  readonly replace?: boolean;
}

function isSent(device: Device, conversation: string): boolean {
  return conversationOf(device, conversation)?.queued.length === 0;
}

const accepted = (value: unknown) => ({ ok: true, value });

describe('KeyPackages', () => {
  let world: World;
  let bob: Device;
  /** What bob's device published, in order, and what a liar makes of the answers. */
  let uploads: Upload[];
  let saysNoneLeft: boolean;
  let losesAnswers: boolean;
  /** Tells bob's device that it has none left. */
  let cry: () => void;

  beforeEach(async () => {
    uploads = [];
    saysNoneLeft = false;
    losesAnswers = false;
    world = await createWorld({}, (relay) => ({
      ...relay,
      connect: (handshake, events) => {
        cry = () => events.notice('keys:low', { left: 0 });
        return relay.connect(handshake, events);
      },
    }));
    bob = world.device('bob');
    bob.answer((route, input, answer) => {
      if (route === 'publishKeyPackages') uploads.push((input as { body: Upload }).body);
      return lie(route) ?? answer;
    });
    await register(world, bob);
    await filledUp(100);
  });
  afterEach(async () => {
    expect(world.failures).toEqual([]);
    await world.close();
  });

  function lie(route: string): unknown {
    if (route === 'publishKeyPackages' && losesAnswers) return { ok: false, code: 'offline' };
    if (!saysNoneLeft) return undefined;
    if (route === 'countKeyPackages') return accepted({ left: 0, lastResort: false });
    return route === 'publishKeyPackages' ? accepted({ left: 0 }) : undefined;
  }

  const oneTimes = () =>
    uploads.flatMap(({ oneTime }) => oneTime).map((one) => Buffer.from(one).toString('hex'));
  const begun = () => uploads.filter(({ replace }) => replace === true).length;
  const kept = async () => {
    // What is not folded yet is in the journal.
    await world.clock.advance(1000);
    return [...(await bob.records()).keys()].filter((key) => key.startsWith('["key-package",'));
  };
  const keeps = (count: number) =>
    world.until(`bob keeps ${count}`, async () => (await kept()).length === count);
  const filledUp = (count: number) =>
    world.until(`bob has published ${count}`, () => new Set(oneTimes()).size === count);

  /** Time enough for the keys of a set to be made and read: a day of virtual time alone may be over before. */
  async function aWhile(): Promise<void> {
    const end = world.clock.now() + 20_000;
    await world.until('a while has passed', () => world.clock.now() > end);
  }

  /** Bob's process is dead for so long, and then it is there again. His session may have ended meanwhile. */
  async function comeBackAfter(days: number): Promise<void> {
    bob.kill();
    await world.clock.advance(days * DAY);
    await bob.restart();
    const isAt = (state: string) => bob.chat().snapshot().connection === state;
    await world.until('bob is there', () => isAt('online') || isAt('ended'));
    if (isAt('ended')) await bob.chat().signIn({ username: 'bob', password: PASSWORD });
  }

  async function writeToBob(name: string): Promise<Device> {
    const friend = world.device(name);
    await register(world, friend);
    const withBob = await openWith(friend, 'bob');
    await say(friend, withBob, `it is ${name}`);
    return friend;
  }

  async function bobHears(friend: Device): Promise<void> {
    await hears(world, bob, accountOf(friend), `it is ${friend.name}`);
    expect(alarmsOf(friend, bob)).toEqual([]);
  }

  it('[SYNC30] a set is replaced when it is 28 days old, while bob is online', async () => {
    await comeBackAfter(27.5);
    await aWhile();
    expect(begun()).toBe(1);
    await world.clock.advance(DAY);
    await filledUp(200);
    expect(begun()).toBe(2);
    expect(new Set(uploads.map(({ lastResort }) => lastResort).filter(Boolean)).size).toBe(2);
    await aWhile();
    await world.clock.advance(DAY);
    await aWhile();
    expect(begun()).toBe(2);
    await bobHears(await writeToBob('alice'));
  });

  it('[SYNC30] who was away for longer than they live renews them at once and is written to again', async () => {
    await comeBackAfter(100);
    await world.until('bob has begun a new set', () => begun() === 2);
    await bobHears(await writeToBob('alice'));
  });

  it('[SYNC31] what was written to bob with one of his last days is there when he comes back after it', async () => {
    bob.kill();
    await world.clock.advance(83 * DAY);
    const alice = await writeToBob('alice');
    const withBob = await openWith(alice, 'bob');
    await world.until('alice has sent it', () => isSent(alice, withBob));
    alice.kill();
    await comeBackAfter(20);
    await alice.restart();
    await bobHears(alice);
    await filledUp(200);
  });

  it('[SYNC31] private halves go when no Welcome can name them any more, and no earlier', async () => {
    await keeps(101);
    const first = await kept();
    await comeBackAfter(40);
    await filledUp(200);
    await keeps(202);
    await comeBackAfter(75);
    await filledUp(300);
    await keeps(202);
    expect((await kept()).filter((key) => first.includes(key))).toEqual([]);
  });

  it('[SYNC31] answers that are lost, and a death on the way, make bob keep nothing twice', async () => {
    losesAnswers = true;
    await comeBackAfter(30);
    const tries = () => uploads.filter(({ replace }) => replace === true);
    await world.until('bob has tried three times', () => tries().length === 4);
    await comeBackAfter(0);
    await world.until('bob has tried again', () => tries().length === 5);
    await keeps(112);
    const [, second, ...others] = tries();
    for (const other of others) expect(other).toEqual(second);
    losesAnswers = false;
    await filledUp(200);
    await keeps(202);
    await bobHears(await writeToBob('alice'));
  });

  it('[SYNC32] a relay that says that none are left does not fill the disk', async () => {
    saysNoneLeft = true;
    const cries = async () => {
      for (let time = 0; time < 10; time++) {
        cry();
        await world.clock.advance(1000);
      }
      await aWhile();
    };
    await cries();
    expect(await kept()).toHaveLength(101);
    for (const most of [201, 301, 401, 501, 601, 601, 601]) {
      await world.clock.advance(DAY / 24);
      await cries();
      await keeps(most);
      await cries();
      expect(await kept()).toHaveLength(most);
    }
    // With no room for more he renews all the same.
    saysNoneLeft = false;
    await comeBackAfter(29);
    await world.until('bob has begun a new set', () => begun() === 2);
    expect(uploads.at(-1)).toMatchObject({ oneTime: [], replace: true });
    await keeps(602);
    await bobHears(await writeToBob('alice'));
  });
});
