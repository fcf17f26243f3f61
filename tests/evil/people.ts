import { afterEach, expect } from 'vitest';
import {
  accountOf,
  createWorld,
  type Device,
  hears,
  linesOf,
  openWith,
  register,
  say,
  type World,
} from '../simulation/harness.ts';
import { createEvilRelay, type EvilRelay } from './evil-relay.ts';

/** People on real cores, and the relay between them. */
export interface Scene {
  readonly world: World;
  readonly evil: EvilRelay;
  /** The devices of those who registered, in the order asked. */
  readonly cast: readonly Device[];
}

export interface Talk extends Scene {
  readonly alice: Device;
  readonly bob: Device;
  /** The conversation as alice's device knows it, and as bob's does. */
  readonly withBob: string;
  readonly withAlice: string;
}

const open: Scene[] = [];

afterEach(async () => {
  for (const { world } of open.splice(0)) {
    await world.close();
    // Whatever a relay says, the engine breaks nowhere.
    expect(world.failures).toEqual([]);
  }
});

/** A stage without people; struck after the test, which fails when an engine reported a failure. */
export async function setStage(
  options: { readonly relay?: Parameters<typeof createWorld>[0]; readonly origin?: string } = {},
): Promise<Scene> {
  const made: EvilRelay[] = [];
  const world = await createWorld(options.relay, (honest) => {
    const evil = withSmallSupplies(createEvilRelay(honest, options.origin));
    made.push(evil);
    return evil.relay;
  });
  const [evil] = made;
  if (evil === undefined) throw new Error('no relay');
  const scene = { world, evil, cast: [] };
  open.push(scene);
  return scene;
}

export async function meet(...names: readonly string[]): Promise<Scene> {
  const { world, evil } = await setStage();
  const cast = names.map((name) => world.device(name));
  for (const device of cast) await register(world, device);
  const scene = { world, evil, cast };
  await settle(scene);
  return scene;
}

/** Devices publish ten KeyPackages and a last resort instead of a hundred: the relay says it has the others. */
function withSmallSupplies(evil: EvilRelay): EvilRelay {
  const claimMany = () =>
    evil.answer('countKeyPackages', ({ left, lastResort }) => ({ left: left === 0 ? 90 : 95, lastResort }));
  claimMany();
  return {
    ...evil,
    repent() {
      evil.repent();
      claimMany();
    },
  };
}

/** Alice and bob have said hello to each other, and everything that follows from that is done. */
export async function startTalk(...others: readonly string[]): Promise<Talk> {
  const scene = await meet('alice', 'bob', ...others);
  const [alice, bob] = scene.cast;
  if (alice === undefined || bob === undefined) throw new Error('nobody came');
  const withBob = await openWith(alice, 'bob');
  const withAlice = accountOf(alice);
  await say(alice, withBob, 'hello bob');
  await hears(scene.world, bob, withAlice, 'hello bob');
  await say(bob, withAlice, 'hello alice');
  await hears(scene.world, alice, withBob, 'hello alice');
  // The one that made the log, and bob's first keys of his own (design §7: PCS).
  await scene.world.until('bob renewed his keys', () => scene.evil.requests('log:commit').length > 1);
  await settle(scene);
  return { ...scene, alice, bob, withBob, withAlice };
}

/** Nobody has asked the relay anything for longer than any device waits before it acts, and keys take to be made. */
export async function settle({ world, evil }: Scene): Promise<void> {
  let before = -1;
  let since = { virtual: 0, real: 0 };
  await world.until('it is quiet', () => {
    if (evil.traffic() !== before) since = { virtual: world.clock.now(), real: performance.now() };
    before = evil.traffic();
    return world.clock.now() - since.virtual > 4500 && performance.now() - since.real > 80;
  });
}

export type Sealed = Awaited<ReturnType<Device['records']>>;

/** What lies on a device's disk, by key, once no journal lies over it. */
export async function sealedOf({ world }: Scene, device: Device): Promise<Sealed> {
  let records = await device.records();
  await world.until(`the journal of ${device.name} is folded`, async () => {
    records = await device.records();
    return ![...records.keys()].some((key) => key.startsWith('["journal"'));
  });
  return records;
}

/** The collections in which a record was written, changed or removed. */
export async function writtenSince(before: Sealed, scene: Scene, device: Device): Promise<string[]> {
  const after = await sealedOf(scene, device);
  const keys = [...new Set([...before.keys(), ...after.keys()])];
  const touched = keys.filter((key) => {
    const [was, is] = [before.get(key), after.get(key)];
    return was === undefined || is === undefined || Buffer.compare(was, is) !== 0;
  });
  return [...new Set(touched.map((key) => String(JSON.parse(key)[0])))].sort();
}

export function deviceOf(device: Device): string {
  const { session } = device.chat().snapshot();
  if (session.state !== 'signed_in') throw new Error(`${device.name} is not signed in`);
  return session.device;
}

/** The line that stands for a device that was added. */
export function joinedWith(device: Device): string {
  return `joined with device ${deviceOf(device).slice(0, 8)}`;
}

export async function gapsOf(device: Device, conversation: string): Promise<number> {
  return (await linesOf(device, conversation)).filter(({ kind }) => kind === 'gap').length;
}

export async function isAlarmed(world: World, device: Device, kind: string): Promise<void> {
  await world.until(`${device.name} is told: ${kind}`, () =>
    device
      .chat()
      .snapshot()
      .alarms.some((alarm) => alarm.kind === kind),
  );
}

/** The person decides about every alarm that stands. */
export async function decide(
  device: Device,
  action: 'accept_identity' | 'start_over' | 'dismiss',
): Promise<void> {
  for (const { id } of device.chat().snapshot().alarms)
    await device.chat().resolveAlarm({ alarm: id, action });
}

/** Alice and bob hear each other, in the order said, without any alarm. */
export async function talkOn({ world, alice, bob, withBob, withAlice }: Talk, word: string): Promise<void> {
  await say(alice, withBob, `${word} from alice`);
  await hears(world, bob, withAlice, `${word} from alice`);
  await say(bob, withAlice, `${word} from bob`);
  await hears(world, alice, withBob, `${word} from bob`);
}

export function flip(bytes: Uint8Array, at: number): Uint8Array {
  const flipped = bytes.slice();
  flipped[at] = (flipped[at] ?? 0) ^ 1;
  return flipped;
}
