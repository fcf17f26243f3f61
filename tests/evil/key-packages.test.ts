import { type DeviceId, encodeHex } from '@sotto/protocol';
import { describe, expect, it } from 'vitest';
import {
  accountOf,
  alarmsOf,
  conversationOf,
  type Device,
  hears,
  linesOf,
  openWith,
  register,
  say,
} from '../simulation/harness.ts';
import {
  deviceOf,
  joinedWith,
  meet,
  type Scene,
  sealedOf,
  setStage,
  settle,
  startTalk,
  writtenSince,
} from './people.ts';
import { createVillain, packageOf } from './villain.ts';

interface Claimed {
  readonly device: DeviceId;
  readonly keyPackage: Uint8Array;
  readonly lastResort: boolean;
}

/** Whatever is claimed of bob, the relay hands out what `lie` makes of it. */
function handOut(scene: Scene, bob: Device, lie: (honest: readonly Claimed[]) => Claimed[]): void {
  scene.evil.answer('claimKeyPackages', (honest, { body }) =>
    encodeHex(body.account) === accountOf(bob) ? { packages: lie(honest.packages) } : honest,
  );
}

/** Alice writes to bob for the first time: what she is handed is refused, her message waits, no log is made. */
async function expectWaiting(scene: Scene, alice: Device, bob: Device): Promise<void> {
  const withBob = await openWith(alice, 'bob');
  await say(alice, withBob, 'first words');
  const before = await sealedOf(scene, alice);
  await scene.world.until('packages are claimed', () => scene.evil.answers('claimKeyPackages').length > 0);
  await settle(scene);
  expect(await writtenSince(before, scene, alice)).toEqual([]);
  expect(scene.evil.requests('log:create')).toEqual([]);
  expect(conversationOf(alice, withBob)?.queued.map(({ text }) => text)).toEqual(['first words']);
  expect(conversationOf(bob, accountOf(alice))).toBeUndefined();
}

async function expectHeard(scene: Scene, alice: Device, bob: Device): Promise<void> {
  scene.evil.repent();
  await hears(scene.world, bob, accountOf(alice), 'first words');
  expect(alarmsOf(alice, bob)).toEqual([]);
}

async function meetTwo(): Promise<Scene & { readonly alice: Device; readonly bob: Device }> {
  const scene = await meet('alice', 'bob');
  const [alice, bob] = scene.cast;
  if (alice === undefined || bob === undefined) throw new Error('nobody came');
  return { ...scene, alice, bob };
}

describe('a relay that hands out keys of its own choice', () => {
  it("[P3] [EVIL7] a KeyPackage of a device that bob's chain does not know: left out, nobody but bob is added", async () => {
    const scene = await meetTwo();
    const { world, evil, alice, bob } = scene;
    const villain = await createVillain(world.clock.now, accountOf(bob));
    const keyPackage = await packageOf(villain);
    const device = villain.identity.device as DeviceId;
    handOut(scene, bob, (honest) => [...honest, { device, keyPackage, lastResort: false }]);
    const withBob = await openWith(alice, 'bob');
    await say(alice, withBob, 'for you alone');
    await hears(world, bob, accountOf(alice), 'for you alone');
    const welcomed = evil.requests('log:commit').flatMap(({ request }) => request.welcomes);
    expect(welcomed.map((welcome) => encodeHex(welcome.device))).toEqual([deviceOf(bob)]);
    const notices = (await linesOf(alice, withBob)).filter(({ kind }) => kind === 'notice');
    expect(notices.map(({ text }) => text)).toEqual([joinedWith(bob)]);
    expect(alarmsOf(alice, bob)).toEqual([]);
  });

  it("[P3] [EVIL8] a KeyPackage with bob's name and another key: refused, the message waits, no log is made", async () => {
    const scene = await meetTwo();
    const { world, alice, bob } = scene;
    const villain = await createVillain(world.clock.now, accountOf(bob), deviceOf(bob));
    const keyPackage = await packageOf(villain);
    handOut(scene, bob, (honest) => honest.map((claimed) => ({ ...claimed, keyPackage })));
    await expectWaiting(scene, alice, bob);
    await expectHeard(scene, alice, bob);
  });

  it('[EVIL9] a KeyPackage of another suite, or with a bit changed: refused, the message waits, no log is made', async () => {
    const scene = await meetTwo();
    const { alice, bob } = scene;
    let claims = 0;
    handOut(scene, bob, (honest) =>
      honest.map((claimed) => {
        const keyPackage = claimed.keyPackage.slice();
        claims += 1;
        // MLSMessage: version, wire format, KeyPackage version, cipher suite: two bytes each (RFC 9420 §6, §10).
        if (claims % 2 === 1) keyPackage.set([0, 1], 6);
        else keyPackage[keyPackage.length - 9] = (keyPackage.at(-9) ?? 0) ^ 4;
        return { ...claimed, keyPackage };
      }),
    );
    await expectWaiting(scene, alice, bob);
    await scene.world.until('it was tried twice', () => claims > 1);
    await settle(scene);
    expect(scene.evil.requests('log:create')).toEqual([]);
    await expectHeard(scene, alice, bob);
  });

  it('[EVIL10] an expired KeyPackage: refused, the message waits, no log is made', async () => {
    const scene = await setStage();
    const { world } = scene;
    const [alice, bob] = [world.device('alice'), world.device('bob')];
    await register(world, bob);
    await settle(scene);
    bob.kill();
    await world.clock.advance(85 * 24 * 3600 * 1000);
    await register(world, alice);
    await settle(scene);
    const withBob = await openWith(alice, 'bob');
    await say(alice, withBob, 'are you still there?');
    const before = await sealedOf(scene, alice);
    await world.until('packages are claimed', () => scene.evil.answers('claimKeyPackages').length > 0);
    await settle(scene);
    expect(scene.evil.answers('claimKeyPackages')[0]?.honest.packages).toHaveLength(1);
    expect(await writtenSince(before, scene, alice)).toEqual([]);
    expect(scene.evil.requests('log:create')).toEqual([]);
    expect(conversationOf(alice, withBob)?.queued).toHaveLength(1);
  });

  it('[EVIL11] a KeyPackage handed out twice: the second Welcome is dropped, and nothing of it is written', async () => {
    const talk = await startTalk('carol');
    const { world, evil, bob } = talk;
    const carol = talk.cast[2];
    if (carol === undefined) throw new Error('no carol');
    const used = evil.answers('claimKeyPackages').flatMap(({ honest }) => honest.packages);
    const before = await sealedOf(talk, bob);
    handOut(talk, bob, () => used);
    const withBob = await openWith(carol, 'bob');
    await say(carol, withBob, 'hello?');
    await world.until('carol has sent it', () => conversationOf(carol, withBob)?.queued.length === 0);
    await settle(talk);
    expect(await writtenSince(before, talk, bob)).toEqual([]);
    expect(conversationOf(bob, accountOf(carol))).toBeUndefined();
    expect((await linesOf(carol, withBob)).find(({ text }) => text === 'hello?')?.state).toBe('sent');
    evil.repent();
    // Bob knows nothing of that log. Once he has spoken in one that he is in, both use that one.
    const withCarol = await openWith(bob, 'carol');
    await say(bob, withCarol, 'did you write?');
    await hears(world, carol, withBob, 'did you write?');
    for (const text of ['I did', 'twice']) {
      await say(carol, withBob, text);
      await hears(world, bob, withCarol, text);
    }
    expect(alarmsOf(bob, carol)).toEqual([]);
  });
});
