import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MlsGroup } from '../../src/mls/door.ts';
import { aliceAndBob, createCrowd, ok, same, tell, text } from './cast.ts';
import { stateOf } from './hostile.ts';

describe('two people talk', () => {
  it('[MLS1] what alice seals bob opens, in any number, and the sender is the leaf, not a claim', async () => {
    const talk = await aliceAndBob();
    let { a, b } = talk;
    for (const words of ['hello', '', 'è già tardi', 'x'.repeat(59_000)]) {
      const sealed = await a.sealMessage(text(words));
      const opened = ok(await b.openMessage(sealed.body));
      expect(new TextDecoder().decode(opened.payload)).toBe(words);
      expect(same(opened.sender.account, talk.alice.identity.account)).toBe(true);
      expect(same(opened.sender.device, talk.alice.identity.device)).toBe(true);
      expect(same(opened.sender.signatureKey, talk.alice.identity.signatureKey)).toBe(true);
      [a, b] = [sealed.group, opened.group];
    }
    const [, , back] = await tell(b, a, 'hello alice');
    expect(back).toBe('hello alice');
  });

  it('[MLS2] both ends export the same secrets, others by label, context and epoch', async () => {
    const { a, b } = await aliceAndBob();
    const exported = await a.exportSecret('sotto log access', a.groupId, 32);
    expect(await b.exportSecret('sotto log access', b.groupId, 32)).toEqual(exported);
    expect(await b.exportSecret('sotto signals', b.groupId, 32)).not.toEqual(exported);
    expect(await b.exportSecret('sotto log access', text('x'), 32)).not.toEqual(exported);
    const made = ok(await a.makeCommit({ add: [], remove: [] }));
    expect(await made.pending.exportSecret('sotto log access', a.groupId, 32)).not.toEqual(exported);
    expect(a.epochAuthenticator).toEqual(b.epochAuthenticator);
    expect(made.pending.epochAuthenticator).not.toEqual(a.epochAuthenticator);
  });

  it('[MLS3] our own entry that comes back says so, message and commit', async () => {
    const { a } = await aliceAndBob();
    const sealed = await a.sealMessage(text('mine'));
    expect(await sealed.group.openMessage(sealed.body)).toEqual({ ok: false, reason: 'own_entry' });
    const made = ok(await a.makeCommit({ add: [], remove: [] }));
    expect(await a.processCommit(made.body)).toEqual({ ok: false, reason: 'own_entry' });
  });
});

describe('epochs', () => {
  it('[MLS4] of two commits for one epoch the loser drops its pending value and processes the winner', async () => {
    const { a, b } = await aliceAndBob();
    const byAlice = ok(await a.makeCommit({ add: [], remove: [] }));
    const byBob = ok(await b.makeCommit({ add: [], remove: [] }));
    const onAlice = ok(await a.processCommit(byBob.body));
    expect(onAlice.group.epochAuthenticator).toEqual(byBob.pending.epochAuthenticator);
    expect(await byBob.pending.processCommit(byAlice.body)).toEqual({ ok: false, reason: 'wrong_epoch' });
    expect((await tell(onAlice.group, byBob.pending, 'again'))[2]).toBe('again');
  });

  it('[MLS5] a commit always renews the key of its author, whatever it carries', async () => {
    const { world, bob, a, b, accounts } = await aliceAndBob();
    const second = await world.device(accounts[1]);
    const made = ok(await b.makeCommit({ add: [(await second.publish()).publicBytes], remove: [] }));
    const after = ok(await a.processCommit(made.body));
    const leafKey = (group: MlsGroup) => {
      const node = stateOf(bob.identity, group).ratchetTree[b.ownLeaf * 2];
      return node?.nodeType === 'leaf' ? node.leaf.hpkePublicKey : undefined;
    };
    expect(leafKey(made.pending)).not.toEqual(leafKey(b));
    expect(after.added).toHaveLength(1);
    expect(after.added[0]?.device).toEqual(second.identity.device);
  });

  it('[MLS6] no key of a past epoch stays: its messages are of the wrong epoch and its secrets are gone', async () => {
    const { a, b } = await aliceAndBob();
    const late = await b.sealMessage(text('too late'));
    const made = ok(await a.makeCommit({ add: [], remove: [] }));
    expect(await made.pending.openMessage(late.body)).toEqual({ ok: false, reason: 'wrong_epoch' });
    const kept = Buffer.concat([
      made.pending.encodeAll().epoch,
      ...made.pending.encodeAll().ratchets.values(),
    ]);
    for (const record of a.encodeAll().ratchets.values()) {
      expect(kept.includes(Buffer.from(record.subarray(11, 75)))).toBe(false);
    }
  });
});

describe('devices', () => {
  it('[MLS7] a removed device knows it, opens and seals nothing more, and keeps no secret', async () => {
    const { bob, a, b } = await aliceAndBob();
    const made = ok(await a.makeCommit({ add: [], remove: [b.ownLeaf] }));
    const onBob = ok(await b.processCommit(made.body));
    expect(onBob.group.active).toBe(false);
    expect(onBob.removed.map(({ leaf }) => leaf)).toEqual([b.ownLeaf]);
    const next = await made.pending.sealMessage(text('alone'));
    expect(await onBob.group.openMessage(next.body)).toEqual({ ok: false, reason: 'not_a_member' });
    expect(await onBob.group.processCommit(made.body)).toEqual({ ok: false, reason: 'not_a_member' });
    await expect(onBob.group.sealMessage(text('?'))).rejects.toThrow(/removed/);
    await expect(onBob.group.makeCommit({ add: [], remove: [] })).rejects.toThrow(/removed/);
    await expect(onBob.group.exportSecret('x', text(''), 32)).rejects.toThrow(/removed/);
    expect(onBob.group.encodeAll().ratchets.size).toBe(0);
    const { epochAuthenticator, ...secrets } = stateOf(bob.identity, b).keySchedule;
    const stored = Buffer.from(onBob.group.encodeAll().epoch);
    expect(stored.includes(epochAuthenticator)).toBe(true);
    for (const secret of Object.values(secrets)) expect(stored.includes(secret)).toBe(false);
    const changes = onBob.group.encodeChanges(b);
    expect([...changes.ratchets.values()].map((record) => record.length)).toEqual([0, 0]);
    expect(changes.epoch).toBeDefined();
  });

  it('[MLS8] devices come and go on both sides, in any order, and all agree after every commit', async () => {
    const crowd = await createCrowd();
    for (let round = 0; round < 10; round += 1) {
      await crowd.grow(round % crowd.devices.length, round % 2);
      if (round % 3 === 2) await crowd.shrink(crowd.devices.length - 1, round % 4);
      expect(crowd.agrees()).toBe(true);
    }
    const [first, ...others] = crowd.devices;
    const sealed = await first?.group.sealMessage(text('to all'));
    for (const { group } of others) {
      expect(ok(await group.openMessage(sealed?.body ?? text(''))).payload).toEqual(text('to all'));
    }
  });

  it('[MLS8] random histories: whoever commits, adds and removes, everybody agrees', async () => {
    const step = fc.tuple(fc.nat(2), fc.nat(7), fc.nat(7));
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 12 }), async (steps) => {
        const crowd = await createCrowd();
        for (const [what, by, whom] of steps) {
          await crowd.step(what, by, whom);
          if (!crowd.agrees()) return false;
        }
        return true;
      }),
      { numRuns: 12 },
    );
  }, 60_000);
});
