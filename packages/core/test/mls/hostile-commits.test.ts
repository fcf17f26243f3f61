import type { Proposal } from 'ts-mls';
import { describe, expect, it } from 'vitest';
import { encodeSettings } from '../../src/mls/settings.ts';
import { aliceAndBob, createDevice, ok, random, text } from './cast.ts';
import { commitWith, externalCommit, proposalOf, rawKeyPackage, stateOf, suite } from './hostile.ts';

describe('from outside the tree', () => {
  it('[MLS20] an external commit is not a member, even when a member leaked all it takes', async () => {
    const { world, alice, accounts, a, b } = await aliceAndBob();
    const second = await world.device(accounts[0]);
    const body = await externalCommit(stateOf(alice.identity, a), second.identity);
    expect(await b.processCommit(body)).toEqual({ ok: false, reason: 'not_a_member' });
  });

  it('[MLS20] a handshake in the open is refused, whoever signed it', async () => {
    const { alice, a, b } = await aliceAndBob();
    const body = await commitWith(stateOf(alice.identity, a), [], true);
    expect(await b.processCommit(body)).toEqual({ ok: false, reason: 'policy' });
  });
});

describe('proposals', () => {
  it('[MLS21] a proposal by itself is refused, in the open and sealed, and so is a commit that refers to one', async () => {
    const { alice, a, b } = await aliceAndBob();
    const state = stateOf(alice.identity, a);
    const remove: Proposal = { proposalType: 'remove', remove: { removed: b.ownLeaf } };
    for (const asPublic of [true, false]) {
      const proposed = await proposalOf(state, remove, asPublic);
      expect(await b.processCommit(proposed.body)).toEqual({ ok: false, reason: 'policy' });
      expect(await b.openMessage(proposed.body)).toEqual({ ok: false, reason: 'policy' });
      expect(await b.processCommit(await commitWith(proposed.state, []))).toEqual({
        ok: false,
        reason: 'policy',
      });
    }
  });

  it('[MLS22] only additions and removals: settings, keys from elsewhere, another group are refused', async () => {
    const { alice, accounts, a, b } = await aliceAndBob();
    const state = stateOf(alice.identity, a);
    const settings = encodeSettings({ kind: 'direct', accounts, title: 'renamed' });
    const extensions = [{ extensionType: 0xfa50, extensionData: settings }];
    const reinit = {
      groupId: random(32),
      version: 'mls10' as const,
      cipherSuite: suite.name,
      extensions: [],
    };
    const foreign: Proposal[] = [
      { proposalType: 'group_context_extensions', groupContextExtensions: { extensions } },
      { proposalType: 'reinit', reinit },
      { proposalType: 0xf0aa, proposalData: text('?') },
    ];
    for (const proposal of foreign) {
      const body = await commitWith(state, [proposal]);
      expect(await b.processCommit(body)).toEqual({ ok: false, reason: 'policy' });
    }
    expect(b.settings.title).toBe('sotto voce');
  });
});

describe('who may come and go', () => {
  it('[MLS23] nobody third joins a direct conversation: not made, and not taken from a member who makes it', async () => {
    const { world, alice, a, b } = await aliceAndBob();
    const carol = await world.device(random(16));
    const { publicBytes } = await carol.publish();
    expect(await a.makeCommit({ add: [publicBytes], remove: [] })).toEqual({ ok: false, reason: 'policy' });
    const lawless = await (await world.lawless()).loadGroup(alice.identity, a.encodeAll());
    const made = ok(await lawless.makeCommit({ add: [publicBytes], remove: [] }));
    expect(await b.processCommit(made.body)).toEqual({ ok: false, reason: 'policy' });
    expect(await carol.join(made.welcome ?? text(''))).toEqual({ ok: false, reason: 'policy' });
  });

  it('[MLS24] in a group, until it has admins, member accounts gain devices and nothing else changes', async () => {
    const { world, alice, bob } = await aliceAndBob();
    const settings = { kind: 'group' as const, accounts: [], title: 'three' };
    const group = await alice.mls.createGroup(alice.identity, random(32), settings);
    const second = await world.device(alice.identity.account);
    const made = ok(await group.makeCommit({ add: [(await second.publish()).publicBytes], remove: [] }));
    const joined = ok(await second.join(made.welcome ?? text('')));
    const foreign = (await bob.publish()).publicBytes;
    expect(await joined.group.makeCommit({ add: [foreign], remove: [] })).toEqual({
      ok: false,
      reason: 'policy',
    });
    expect(await joined.group.makeCommit({ add: [], remove: [0] })).toEqual({ ok: false, reason: 'policy' });
  });

  it('[MLS25] a device that its account does not know is not added, and no commit that adds it is taken', async () => {
    const { world, alice, accounts, a, b } = await aliceAndBob();
    const ghost = await world.device(accounts[1], { chained: false });
    const { publicBytes } = await ghost.publish();
    const refusal = { ok: false, reason: 'bad_credential' };
    expect(await a.makeCommit({ add: [publicBytes], remove: [] })).toEqual(refusal);
    const lawless = await (await world.lawless()).loadGroup(alice.identity, a.encodeAll());
    const made = ok(await lawless.makeCommit({ add: [publicBytes], remove: [] }));
    expect(await b.processCommit(made.body)).toEqual(refusal);
  });

  it('[MLS25] a commit of a device that was revoked is refused', async () => {
    const { world, alice, a, b } = await aliceAndBob();
    const made = ok(await a.makeCommit({ add: [], remove: [] }));
    world.chains.revoke(alice.identity);
    expect(await b.processCommit(made.body)).toEqual({ ok: false, reason: 'bad_credential' });
  });

  it('[MLS26] a commit cannot make its author another device of the account, nor give it another key', async () => {
    const { world, alice, a, b } = await aliceAndBob();
    const other = await world.device(alice.identity.account);
    const state = stateOf(alice.identity, a);
    const leafNode = state.ratchetTree[0];
    if (leafNode?.nodeType !== 'leaf') throw new Error('no leaf');
    const { account, device, signatureKey, signaturePrivateKey } = other.identity;
    const credential = { credentialType: 'basic' as const, identity: Buffer.concat([account, device]) };
    const renamed = { ...leafNode, leaf: { ...leafNode.leaf, credential } };
    const asOther = { ...state, ratchetTree: [renamed, ...state.ratchetTree.slice(1)] };
    expect(await b.processCommit(await commitWith(asOther, []))).toEqual({
      ok: false,
      reason: 'bad_credential',
    });
    const rekeyed = { ...leafNode, leaf: { ...leafNode.leaf, signaturePublicKey: signatureKey } };
    const withKey = { ...state, ratchetTree: [rekeyed, ...state.ratchetTree.slice(1)] };
    const signedByOld = await commitWith(withKey, []);
    expect(await b.processCommit(signedByOld)).toEqual({ ok: false, reason: 'bad_credential' });
    const signedByNew = await commitWith({ ...withKey, signaturePrivateKey }, []);
    expect(await b.processCommit(signedByNew)).toEqual({ ok: false, reason: 'bad_signature' });
  });

  it('[MLS27] a device stands in the tree once: not added again, nor twice by one commit, nor with a used key', async () => {
    const { world, alice, bob, accounts, a, b } = await aliceAndBob();
    const again = (await bob.publish()).publicBytes;
    expect(await a.makeCommit({ add: [again], remove: [] })).toEqual({ ok: false, reason: 'policy' });
    const second = await world.device(accounts[1]);
    const [one, two] = [await second.publish(), await second.publish()];
    const both = { add: [one.publicBytes, two.publicBytes], remove: [] };
    expect(await a.makeCommit(both)).toEqual({ ok: false, reason: 'policy' });
    const pair = await rawKeyPackage(bob.identity, { notBefore: 0n });
    const twin: Proposal = { proposalType: 'add', add: { keyPackage: pair.publicPackage } };
    const remove: Proposal = { proposalType: 'remove', remove: { removed: b.ownLeaf } };
    const state = stateOf(alice.identity, a);
    await expect(commitWith(state, [twin])).rejects.toThrow();
    expect(await b.processCommit(await commitWith(state, [remove, twin]))).toEqual({
      ok: false,
      reason: 'lifetime',
    });
  });

  it('[MLS28] nobody removes itself, a blank leaf, or the same leaf twice', async () => {
    const { a, b } = await aliceAndBob();
    for (const remove of [[a.ownLeaf], [7], [b.ownLeaf, b.ownLeaf]]) {
      expect(await a.makeCommit({ add: [], remove })).toEqual({ ok: false, reason: 'policy' });
    }
  });
});

describe('a refusal changes nothing', () => {
  it('[MLS29] after every kind of refused commit the honest one applies', async () => {
    const { world, alice, bob, a, b } = await aliceAndBob();
    const before = b.encodeAll();
    const thief = createDevice(await world.lawless(), alice.identity);
    const stolen = await thief.mls.loadGroup(alice.identity, a.encodeAll());
    const ghost = await world.device(random(16), { chained: false });
    const evil = ok(await stolen.makeCommit({ add: [(await ghost.publish()).publicBytes], remove: [] }));
    expect((await b.processCommit(evil.body)).ok).toBe(false);
    expect(b.encodeAll()).toEqual(before);
    const honest = ok(await a.makeCommit({ add: [], remove: [] }));
    expect(ok(await b.processCommit(honest.body)).sender.device).toEqual(alice.identity.device);
    expect(bob.identity.device).toHaveLength(16);
  });
});
