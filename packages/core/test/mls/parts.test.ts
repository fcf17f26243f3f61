import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GroupParts, MlsGroup } from '../../src/mls/door.ts';
import { aliceAndBob, type Crowd, createCrowd, type Device, ok, tell, text } from './cast.ts';

/** What a store holds after a number of steps: the first write, and every change laid over it. */
class Shelf {
  epoch: Uint8Array;
  readonly ratchets: Map<string, Uint8Array>;
  constructor(parts: GroupParts) {
    this.epoch = parts.epoch;
    this.ratchets = new Map(parts.ratchets);
  }
  put(changes: ReturnType<MlsGroup['encodeChanges']>): void {
    this.epoch = changes.epoch ?? this.epoch;
    for (const [key, record] of changes.ratchets) this.ratchets.set(key, record);
  }
  async load(device: Device): Promise<MlsGroup> {
    return device.mls.loadGroup(device.identity, { epoch: this.epoch, ratchets: this.ratchets });
  }
}

type Present = Crowd['devices'][number];

async function speak(one: Present, other: Present, isLost: boolean): Promise<void> {
  const lost = await one.group.sealMessage(text('never sent'));
  if (isLost) one.group = lost.group;
  [one.group, other.group] = await tell(one.group, other.group, 'words');
}

/** Alice and Bob through any history, with every change of Bob's on a shelf. */
async function live(steps: readonly (readonly [number, number, number])[]) {
  const crowd = await createCrowd();
  const [alice, bob] = crowd.devices;
  if (alice === undefined || bob === undefined) throw new Error('nobody');
  const shelf = new Shelf(bob.group.encodeAll());
  for (const [what, by, whom] of steps) {
    const before = bob.group;
    if (what > 2) await speak(alice, bob, what === 3);
    else await crowd.step(what === 2 ? 1 : what, by, whom);
    shelf.put(bob.group.encodeChanges(before));
  }
  return { alice, bob, shelf };
}

describe('a group in parts', () => {
  it('[MLS41] a message changes one ratchet record of a few hundred bytes, in a group of any size', async () => {
    const crowd = await createCrowd();
    for (let index = 0; index < 6; index += 1) await crowd.grow(0, index % 2);
    const [first, second] = crowd.devices;
    const sealed = await first?.group.sealMessage(text('small'));
    const changes = sealed?.group.encodeChanges(first?.group as MlsGroup);
    expect(changes?.epoch).toBeUndefined();
    expect([...(changes?.ratchets.keys() ?? [])]).toEqual([String(first?.group.ownLeaf)]);
    expect(changes?.ratchets.get(String(first?.group.ownLeaf))?.length).toBeLessThan(200);
    const opened = ok((await second?.group.openMessage(sealed?.body ?? text(''))) ?? { ok: false });
    const after = opened.group.encodeChanges(second?.group as MlsGroup);
    expect([after.epoch, [...after.ratchets.keys()]]).toEqual([undefined, [String(first?.group.ownLeaf)]]);
  });

  it('[MLS42] after any history, a group loaded from its parts does what the live one does', async () => {
    const step = fc.tuple(fc.nat(4), fc.nat(7), fc.nat(7));
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), async (steps) => {
        const { alice, bob, shelf } = await live(steps);
        const loaded = await shelf.load(bob.device);
        expect(loaded.encodeAll()).toEqual(bob.group.encodeAll());
        expect(loaded.members()).toEqual(bob.group.members());
        const [from, , heard] = await tell(alice.group, loaded, 'are you there');
        expect(heard).toBe('are you there');
        expect((await tell(loaded, from, 'yes'))[2]).toBe('yes');
        const made = ok(await loaded.makeCommit({ add: [], remove: [] }));
        const onAlice = ok(await alice.group.processCommit(made.body));
        expect(onAlice.group.epochAuthenticator).toEqual(made.pending.epochAuthenticator);
      }),
      { numRuns: 12 },
    );
  }, 60_000);

  it('[MLS43] the record of a leaf that went blank is overwritten with nothing', async () => {
    const crowd = await createCrowd();
    await crowd.grow(0, 0);
    const [, bob, third] = crowd.devices;
    const before = bob?.group as MlsGroup;
    const gone = third?.group.ownLeaf ?? -1;
    await crowd.shrink(0, 2);
    const changes = bob?.group.encodeChanges(before);
    expect(changes?.ratchets.get(String(gone))).toEqual(new Uint8Array());
    expect(changes?.epoch).toBeDefined();
  });

  it('[MLS44] parts that were cut, mixed between epochs, or are of another device throw', async () => {
    const { alice, bob, a, b } = await aliceAndBob();
    const { epoch, ratchets } = b.encodeAll();
    const load = (parts: GroupParts) => bob.mls.loadGroup(bob.identity, parts);
    await expect(load({ epoch: epoch.subarray(1), ratchets })).rejects.toThrow(/epoch record/);
    await expect(load({ epoch, ratchets: new Map() })).rejects.toThrow(/ratchet record/);
    const made = ok(await a.makeCommit({ add: [], remove: [] }));
    const next = ok(await b.processCommit(made.body)).group.encodeAll();
    await expect(load({ epoch: next.epoch, ratchets })).rejects.toThrow(/ratchet record/);
    await expect(alice.mls.loadGroup(alice.identity, { epoch, ratchets })).rejects.toThrow(/another device/);
  });

  it('[MLS45] the device’s signature key is in no part', async () => {
    const { alice, a } = await aliceAndBob();
    const { epoch, ratchets } = a.encodeAll();
    const all = Buffer.concat([epoch, ...ratchets.values()]);
    expect(all.includes(Buffer.from(alice.identity.signaturePrivateKey))).toBe(false);
  });

  it('[MLS46] erased values throw, the value that erased them goes on, and so does what was stored', async () => {
    const { alice, bob, a, b } = await aliceAndBob();
    const sealed = await a.sealMessage(text('one'));
    const opened = ok(await b.openMessage(sealed.body));
    const stored = sealed.group.encodeAll();
    sealed.group.eraseSpent();
    opened.group.eraseSpent();
    await expect(a.sealMessage(text('again'))).rejects.toThrow(/erased/);
    await expect(b.openMessage(sealed.body)).rejects.toThrow(/erased/);
    const [from, to, heard] = await tell(sealed.group, opened.group, 'two');
    expect(heard).toBe('two');
    expect((await alice.mls.loadGroup(alice.identity, stored)).encodeAll()).toEqual(stored);
    const made = ok(await from.makeCommit({ add: [], remove: [] }));
    const onBob = ok(await to.processCommit(made.body));
    made.pending.eraseSpent();
    onBob.group.eraseSpent();
    await expect(from.makeCommit({ add: [], remove: [] })).rejects.toThrow(/erased/);
    await expect(to.processCommit(made.body)).rejects.toThrow(/erased/);
    expect((await tell(made.pending, onBob.group, 'three'))[2]).toBe('three');
    expect((await bob.mls.loadGroup(bob.identity, onBob.group.encodeAll())).active).toBe(true);
  });
});
