import fc from 'fast-check';
import { encodeMlsMessage } from 'ts-mls/message.js';
import { describe, expect, it } from 'vitest';
import { createMls } from '../../src/mls/mls.ts';
import { aliceAndBob, createDevice, createWorld, DAY, NOW, ok, random, text } from './cast.ts';
import { rawKeyPackage } from './hostile.ts';

type RawOptions = Parameters<typeof rawKeyPackage>[1];

async function conversationWithNewDevice() {
  const talk = await aliceAndBob();
  const second = await talk.world.device(talk.accounts[1]);
  const add = async (bytes: Uint8Array) => talk.a.makeCommit({ add: [bytes], remove: [] });
  const raw = async (options: RawOptions) => {
    const { publicPackage } = await rawKeyPackage(second.identity, { ...windowAt(NOW), ...options });
    return encodeMlsMessage({ version: 'mls10', wireformat: 'mls_key_package', keyPackage: publicPackage });
  };
  return { ...talk, second, add, raw };
}

function windowAt(now: number) {
  return { notBefore: BigInt(now / 1000 - 3600), notAfter: BigInt(now / 1000 + 3600) };
}

describe('KeyPackages', () => {
  it('[MLS30] live for 84 days; expired, early and endless ones are not added', async () => {
    const { world, second, a, raw } = await conversationWithNewDevice();
    const { publicBytes } = await second.publish();
    const refusal = { ok: false, reason: 'lifetime' };
    world.now = NOW + 83 * DAY;
    expect((await a.makeCommit({ add: [publicBytes], remove: [] })).ok).toBe(true);
    world.now = NOW + 85 * DAY;
    expect(await a.makeCommit({ add: [publicBytes], remove: [] })).toEqual(refusal);
    world.now = NOW - 2 * 3600 * 1000;
    expect(await a.makeCommit({ add: [publicBytes], remove: [] })).toEqual(refusal);
    world.now = NOW;
    const endless = await raw({ notBefore: 0n, notAfter: 2n ** 63n });
    expect(await a.makeCommit({ add: [endless], remove: [] })).toEqual(refusal);
  });

  it('[MLS30] a commit that adds an expired one is not taken, whatever the committer believes', async () => {
    const { world, alice, second, a, b } = await conversationWithNewDevice();
    const { publicBytes } = await second.publish();
    world.now = NOW + 100 * DAY;
    const late = await (await world.lawless(NOW)).loadGroup(alice.identity, a.encodeAll());
    const made = ok(await late.makeCommit({ add: [publicBytes], remove: [] }));
    expect(await b.processCommit(made.body)).toEqual({ ok: false, reason: 'lifetime' });
  });

  it('[MLS31] flipped, cut or lengthened bytes are refused', async () => {
    const { second, add } = await conversationWithNewDevice();
    const { publicBytes } = await second.publish();
    const malformed = { ok: false, reason: 'malformed' };
    expect(await add(publicBytes.subarray(0, -1))).toEqual(malformed);
    expect(await add(Buffer.concat([publicBytes, Uint8Array.of(0)]))).toEqual(malformed);
    expect(await add(new Uint8Array(16 * 1024 + 1))).toEqual(malformed);
    await fc.assert(
      fc.asyncProperty(fc.nat(publicBytes.length * 8 - 1), async (bit) => {
        const flipped = publicBytes.slice();
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect((await add(flipped)).ok).toBe(false);
      }),
      { numRuns: 150 },
    );
    expect((await add(publicBytes)).ok).toBe(true);
  });

  it('[MLS32] of another suite, or without what the conversation requires, they are refused', async () => {
    const { world, second, add, raw } = await conversationWithNewDevice();
    const weak = await createMls({
      authentication: world.chains,
      clock: () => NOW,
      random,
      suite: 'MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519',
      interop: true,
    });
    const [weaker] = await weak.generateKeyPackages(second.identity, 1, { lastResort: false });
    expect(await add(weaker?.publicBytes ?? text(''))).toEqual({ ok: false, reason: 'wrong_suite' });
    expect(await add(await raw({ ciphersuites: [] }))).toEqual({ ok: false, reason: 'wrong_suite' });
    expect(await add(await raw({ extensions: [] }))).toEqual({ ok: false, reason: 'malformed' });
    expect((await add(await raw({}))).ok).toBe(true);
  });

  it('[MLS33] a suite below the floor cannot be asked for', async () => {
    const { chains } = await createWorld();
    const deps = { authentication: chains, clock: Date.now, random };
    const suite = 'MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519';
    await expect(createMls({ ...deps, suite })).rejects.toThrow(/floor/);
    // @ts-expect-error a name that the build does not hold
    await expect(createMls({ ...deps, suite: 'MLS_128_MLKEM512', interop: true })).rejects.toThrow(/floor/);
  });
});

describe('init keys', () => {
  it('[MLS34] a Welcome opens once: the key package it was for is gone', async () => {
    const { second, a, add } = await conversationWithNewDevice();
    const made = ok(await add((await second.publish()).publicBytes));
    expect((await second.join(made.welcome ?? text(''))).ok).toBe(true);
    const refusal = { ok: false, reason: 'unknown_key_package' };
    expect(await second.join(made.welcome ?? text(''))).toEqual(refusal);
    expect(a.members()).toHaveLength(2);
  });

  it('[MLS34] the last resort answers that it is one, and its private half stays', async () => {
    const { second, add } = await conversationWithNewDevice();
    const made = ok(await add((await second.publish({ lastResort: true })).publicBytes));
    expect(ok(await second.join(made.welcome ?? text(''))).lastResort).toBe(true);
    expect(second.drawer).toHaveLength(1);
  });

  it('[MLS34] a stored key package of another device or another reference is a broken store: it throws', async () => {
    const { second, bob, add, world } = await conversationWithNewDevice();
    const made = ok(await add((await second.publish()).publicBytes));
    const [own] = second.drawer;
    const impostor = createDevice(world.mls, bob.identity);
    impostor.drawer.push(...second.drawer);
    await expect(impostor.join(made.welcome ?? text(''))).rejects.toThrow(/another device/);
    const other = await bob.publish();
    const find = async () => (own === undefined ? undefined : { ...own, publicBytes: other.publicBytes });
    await expect(world.mls.joinGroup(second.identity, made.welcome ?? text(''), find)).rejects.toThrow(
      /reference/,
    );
  });
});
