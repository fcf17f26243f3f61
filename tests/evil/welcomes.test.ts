import { encodeInboxRun } from '@sotto/protocol';
import { describe, expect, it } from 'vitest';
import {
  accountOf,
  alarmsOf,
  conversationOf,
  type Device,
  hears,
  openWith,
  say,
} from '../simulation/harness.ts';
import { deviceOf, meet, type Scene, sealedOf, settle, startTalk, talkOn, writtenSince } from './people.ts';
import { createVillain } from './villain.ts';

const TODAY = () => Math.floor(Date.now() / 86_400_000) + 20;

/** Puts a Welcome into a device's inbox, as the relay can at any time; resolves when the device has dealt with it. */
async function slipIn(scene: Scene, device: Device, ...bodies: readonly Uint8Array[]): Promise<void> {
  const { evil, world } = scene;
  const items = bodies.map((body, i) => ({ seq: 9_000_000 + i, expiryDay: TODAY(), body }));
  const [target, last] = [deviceOf(device), 9_000_000 + bodies.length - 1];
  evil.ack('inbox:read', (honest, { viewer, request }) => {
    if (viewer.device !== target || request.after >= 9_000_000) return honest;
    return { ok: true, run: encodeInboxRun(items) };
  });
  evil.push(target, 'inbox:items', { run: new Uint8Array() });
  await world.until('the item is trimmed', () =>
    evil
      .requests('inbox:trim')
      .some(({ viewer, request }) => viewer.device === target && request.upTo === last),
  );
  await settle(scene);
}

function welcomesSeen({ evil }: Scene): Uint8Array[] {
  return evil.requests('log:commit').flatMap(({ request }) => request.welcomes.map(({ body }) => body));
}

describe('a relay that delivers Welcomes of its own choice', () => {
  it('[EVIL12] a Welcome delivered again: dropped, and nothing is written', async () => {
    const talk = await startTalk();
    const before = await sealedOf(talk, talk.bob);
    await slipIn(talk, talk.bob, ...welcomesSeen(talk));
    expect(await writtenSince(before, talk, talk.bob)).toEqual([]);
    await talkOn(talk, 'still');
    expect(alarmsOf(...talk.cast)).toEqual([]);
  });

  it('[EVIL12] the same for a last-resort KeyPackage, whose key is still there', async () => {
    const scene = await meet('alice', 'bob');
    const { world, evil } = scene;
    const [alice, bob] = scene.cast;
    if (alice === undefined || bob === undefined) throw new Error('nobody came');
    const published = evil
      .answers('publishKeyPackages')
      .filter(({ viewer }) => viewer?.device === deviceOf(bob));
    const lastResort = published.flatMap(({ body }) => body.lastResort ?? [])[0];
    if (lastResort === undefined) throw new Error('no last resort');
    evil.answer('claimKeyPackages', ({ packages }) => ({
      packages: packages.map((claimed) => ({ ...claimed, keyPackage: lastResort, lastResort: true })),
    }));
    const withBob = await openWith(alice, 'bob');
    await say(alice, withBob, 'hello');
    await hears(world, bob, accountOf(alice), 'hello');
    await settle(scene);
    const before = await sealedOf(scene, bob);
    await slipIn(scene, bob, ...welcomesSeen(scene));
    expect(await writtenSince(before, scene, bob)).toEqual([]);
    expect(bob.chat().snapshot().conversations).toHaveLength(1);
  });

  it("[P3] [EVIL13] a Welcome of somebody who calls himself a device of bob's: no conversation, no key used, kept aside", async () => {
    const talk = await startTalk();
    const { world, evil, alice, bob } = talk;
    const before = await sealedOf(talk, alice);
    const bodies: Uint8Array[] = [];
    for (let i = 0; i < 3; i++) bodies.push(await forgeWelcome(talk, alice, bob, i));
    await slipIn(talk, alice, ...bodies);
    expect(await writtenSince(before, talk, alice)).toEqual(['held-welcome']);
    expect(alice.chat().snapshot().conversations).toHaveLength(1);
    expect(conversationOf(alice, talk.withBob)?.last?.text).toBe('hello alice');
    evil.repent();
    await talkOn(talk, 'still');
    expect(alarmsOf(...talk.cast)).toEqual([]);
    expect(world.failures).toEqual([]);
  });

  it('[EVIL14] Welcomes without end of people who do not exist: no more than 32 are kept', async () => {
    const talk = await startTalk();
    const { alice, bob } = talk;
    const bodies: Uint8Array[] = [];
    for (let i = 0; i < 36; i++) bodies.push(await forgeWelcome(talk, alice, bob, i));
    await slipIn(talk, alice, ...bodies);
    const held = [...(await sealedOf(talk, alice)).keys()].filter((key) => key.startsWith('["held-welcome"'));
    expect(held).toHaveLength(32);
    await talkOn(talk, 'still');
  });
});

/** A direct conversation of "bob" with alice, sound in everything but bob's device. */
async function forgeWelcome(scene: Scene, alice: Device, bob: Device, at: number): Promise<Uint8Array> {
  const { mls, identity } = await createVillain(scene.world.clock.now, accountOf(bob));
  const accounts = [identity.account, Buffer.from(accountOf(alice), 'hex')].sort(Buffer.compare);
  const id = crypto.getRandomValues(new Uint8Array(32));
  const group = await mls.createGroup(identity, id, {
    kind: 'direct',
    accounts: accounts.map((account) => new Uint8Array(account)),
    title: '',
  });
  const published = scene.evil
    .answers('publishKeyPackages')
    .filter(({ viewer }) => viewer?.device === deviceOf(alice))
    .flatMap(({ body }) => body.oneTime);
  const add = published[at % published.length];
  if (add === undefined) throw new Error('no key package of alice');
  const made = await group.makeCommit({ add: [add], remove: [] });
  if (!made.ok || made.welcome === undefined) throw new Error('no welcome');
  return made.welcome;
}
