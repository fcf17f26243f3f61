import fc from 'fast-check';
import type { GroupInfo, RatchetTree } from 'ts-mls';
import { encodeGroupInfo, signGroupInfo } from 'ts-mls/groupInfo.js';
import { deriveKeySchedule } from 'ts-mls/keySchedule.js';
import { signLeafNodeCommit } from 'ts-mls/leafNode.js';
import { decodeMlsMessage, encodeMlsMessage } from 'ts-mls/message.js';
import { calculateParentHash } from 'ts-mls/parentHash.js';
import { encodeRatchetTree } from 'ts-mls/ratchetTree.js';
import { treeHashRoot } from 'ts-mls/treeHash.js';
import { toNodeIndex } from 'ts-mls/treemath.js';
import { encryptGroupInfo, encryptGroupSecrets } from 'ts-mls/welcome.js';
import { describe, expect, it } from 'vitest';
import { matchesTree } from '../../src/mls/private-path.ts';
import { encodeSettings } from '../../src/mls/settings.ts';
import { aliceAndBob, type Conversation, DAY, type Device, NOW, ok, random, text } from './cast.ts';
import { stateOf, suite } from './hostile.ts';
import { openWelcomeOf } from './open-welcome.ts';

interface Invitation extends Conversation {
  readonly second: Device;
  readonly welcome: Uint8Array;
}

/** Alice has added Bob's second device, which has not joined yet. */
async function invitation(): Promise<Invitation> {
  const talk = await aliceAndBob();
  const second = await talk.world.device(talk.accounts[1]);
  const made = ok(await talk.a.makeCommit({ add: [(await second.publish()).publicBytes], remove: [] }));
  talk.a = made.pending;
  return { ...talk, second, welcome: made.welcome ?? text('') };
}

type Forgery = (
  info: GroupInfo,
  tree: RatchetTree,
) => {
  info?: Partial<GroupInfo>;
  tree?: RatchetTree;
  path?: Uint8Array;
  /** The key schedule follows the lie: hash and confirmation tag are those of the changed tree. */
  isConsistent?: boolean;
};

/** The group context and confirmation tag that fit a changed tree. */
async function fitting(
  opened: Awaited<ReturnType<typeof openWelcomeOf>>,
  tree: RatchetTree,
): Promise<Partial<GroupInfo>> {
  const treeHash = await treeHashRoot(tree, suite.hash);
  const groupContext = { ...opened.groupInfo.groupContext, treeHash };
  const zeroes = new Uint8Array(suite.kdf.size);
  const { joinerSecret } = opened.secrets;
  const [{ confirmationKey }] = await deriveKeySchedule(joinerSecret, zeroes, groupContext, suite.kdf);
  return {
    groupContext,
    confirmationTag: await suite.hash.mac(confirmationKey, groupContext.confirmedTranscriptHash),
  };
}

/** The same Welcome with another GroupInfo inside, signed again by Alice, who is the liar here. */
async function forge({ alice, second, welcome }: Invitation, forgery: Forgery): Promise<Uint8Array> {
  const [own] = second.drawer;
  const message = decodeMlsMessage(welcome, 0)?.[0];
  if (own === undefined || message?.wireformat !== 'mls_welcome') throw new Error('no welcome');
  const opened = await openWelcomeOf(suite, message.welcome, own, second.identity);
  const lie = forgery(opened.groupInfo, opened.tree);
  const extensionData = encodeRatchetTree(lie.tree ?? opened.tree);
  const info = {
    ...opened.groupInfo,
    extensions: [{ extensionType: 'ratchet_tree' as const, extensionData }],
    ...(lie.isConsistent && lie.tree ? await fitting(opened, lie.tree) : {}),
    ...lie.info,
  };
  const signed = await signGroupInfo(info, alice.identity.signaturePrivateKey, suite.signature);
  expect(encodeGroupInfo(signed).length).toBeGreaterThan(0);
  const encryptedGroupInfo = await encryptGroupInfo(signed, opened.welcomeSecret, suite);
  const initKey = await suite.hpke.importPublicKey(opened.keyPackage.initKey);
  const secrets = { ...opened.secrets, pathSecret: lie.path ?? opened.secrets.pathSecret };
  const sealed = await encryptGroupSecrets(initKey, encryptedGroupInfo, secrets, suite.hpke);
  const encryptedGroupSecrets = { kemOutput: sealed.enc, ciphertext: sealed.ct };
  return encodeMlsMessage({
    version: 'mls10',
    wireformat: 'mls_welcome',
    welcome: {
      cipherSuite: suite.name,
      secrets: [{ newMember: own.ref, encryptedGroupSecrets }],
      encryptedGroupInfo,
    },
  });
}

describe('Welcomes', () => {
  it('[MLS35] for nobody here, with flipped bits, cut or lengthened: refused, and the honest one still joins', async () => {
    const { bob, second, welcome } = await invitation();
    expect(await bob.join(welcome)).toEqual({ ok: false, reason: 'unknown_key_package' });
    expect(await second.join(welcome.subarray(0, -1))).toEqual({ ok: false, reason: 'malformed' });
    const longer = Buffer.concat([welcome, Uint8Array.of(0)]);
    expect(await second.join(longer)).toEqual({ ok: false, reason: 'malformed' });
    expect(await second.join(new Uint8Array(1024 * 1024 + 1))).toEqual({ ok: false, reason: 'malformed' });
    await fc.assert(
      fc.asyncProperty(fc.nat(welcome.length * 8 - 1), async (bit) => {
        const flipped = welcome.slice();
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect((await second.join(flipped)).ok).toBe(false);
      }),
      { numRuns: 60 },
    );
    expect((await second.join(welcome)).ok).toBe(true);
  });

  it('[MLS36] what the GroupInfo says is held against the tree: hashes, signer, confirmation', async () => {
    const invited = await invitation();
    const { second } = invited;
    const lies: [string, Forgery][] = [
      [
        'malformed',
        ({ groupContext }) => ({ info: { groupContext: { ...groupContext, treeHash: random(64) } } }),
      ],
      ['bad_signature', ({ groupContext }) => ({ info: { groupContext: { ...groupContext, epoch: 9n } } })],
      ['bad_signature', () => ({ info: { confirmationTag: random(64) } })],
      ['bad_signature', () => ({ info: { signer: 1 } })],
      ['not_a_member', () => ({ info: { signer: 5 } })],
      ['malformed', () => ({ info: { extensions: [] } })],
      ['malformed', () => ({ path: random(64) })],
      ['malformed', (_info, tree) => ({ tree: [tree[0], undefined, ...tree.slice(2)] })],
    ];
    for (const [reason, lie] of lies) {
      expect(await second.join(await forge(invited, lie))).toEqual({ ok: false, reason });
    }
    expect((await second.join(await forge(invited, () => ({})))).ok).toBe(true);
  });

  it('[MLS36] a leaf that nobody signed is refused, even when every hash was made to fit', async () => {
    const invited = await invitation();
    const { alice, second, a } = invited;
    const { signaturePrivateKey } = alice.identity;
    const join = async (change: (tree: RatchetTree) => RatchetTree) => {
      const tree = change(stateOf(alice.identity, a).ratchetTree);
      const own = tree[0];
      if (own?.nodeType !== 'leaf') throw new Error('no leaf');
      const [parentHash] = await calculateParentHash(tree, toNodeIndex(0), suite.hash);
      const place = { groupId: a.groupId, leafIndex: 0, leafNodeSource: 'commit' as const, parentHash };
      const leaf = await signLeafNodeCommit({ ...own.leaf, ...place }, signaturePrivateKey, suite.signature);
      const fitted: RatchetTree = [{ nodeType: 'leaf', leaf }, ...tree.slice(1)];
      return second.join(await forge(invited, () => ({ tree: fitted, isConsistent: true })));
    };
    const unsigned = (tree: RatchetTree): RatchetTree => {
      const bobs = tree[2];
      if (bobs?.nodeType !== 'leaf') throw new Error('no leaf');
      return [
        ...tree.slice(0, 2),
        { ...bobs, leaf: { ...bobs.leaf, signature: random(64) } },
        ...tree.slice(3),
      ];
    };
    expect(await join(unsigned)).toEqual({ ok: false, reason: 'bad_signature' });
    expect((await join((tree) => tree)).ok).toBe(true);
  });

  it('[MLS36] unmerged leaves must be there, in order, below their node and listed on the way up to it', async () => {
    const invited = await invitation();
    const root = 3;
    for (const unmergedLeaves of [[7], [3], [1], [2, 2]]) {
      const lie: Forgery = (_info, tree) => {
        const changed = tree.slice();
        const node = tree[root];
        if (node?.nodeType !== 'parent') throw new Error('no root');
        changed[root] = { nodeType: 'parent', parent: { ...node.parent, unmergedLeaves } };
        return { tree: changed, isConsistent: true };
      };
      expect(await invited.second.join(await forge(invited, lie))).toEqual({
        ok: false,
        reason: 'malformed',
      });
    }
  });

  it('[MLS37] the settings must be there, whole, and as this build writes them', async () => {
    const invited = await invitation();
    const { second, accounts } = invited;
    const withContext = (
      change: (extensions: GroupInfo['extensions']) => GroupInfo['extensions'],
    ): Forgery => {
      return ({ groupContext }) => ({
        info: { groupContext: { ...groupContext, extensions: change(groupContext.extensions) } },
      });
    };
    const settings = encodeSettings({ kind: 'direct', accounts, title: 'x' });
    const swapped = Buffer.concat([settings.subarray(0, 3), accounts[1], accounts[0], settings.subarray(35)]);
    const lies = [
      withContext(() => []),
      withContext((extensions) => extensions.slice(1)),
      withContext((extensions) => [...extensions].reverse()),
      withContext((extensions) => [
        ...extensions,
        { extensionType: 'external_senders', extensionData: text('') },
      ]),
      withContext(([required]) => [required ?? bad(), { extensionType: 0xfa50, extensionData: swapped }]),
      withContext(([required]) => [
        required ?? bad(),
        { extensionType: 0xfa50, extensionData: settings.subarray(1) },
      ]),
    ];
    for (const lie of lies) {
      expect(await second.join(await forge(invited, lie))).toEqual({ ok: false, reason: 'malformed' });
    }
    function bad(): never {
      throw new Error('no extension');
    }
  });

  it('[MLS38] every leaf of the tree must stand in its chain: one that does not refuses the whole', async () => {
    const { world, alice, second, welcome } = await invitation();
    world.chains.revoke(alice.identity);
    expect(await second.join(welcome)).toEqual({ ok: false, reason: 'bad_credential' });
    world.chains.add(alice.identity);
    const asked = world.chains.asked;
    expect((await second.join(welcome)).ok).toBe(true);
    expect(world.chains.asked - asked).toBe(3);
  });

  it('[MLS39] a leaf that still is its KeyPackage must be in its lifetime', async () => {
    const { world, second, welcome } = await invitation();
    world.now = NOW + 85 * DAY;
    expect(await second.join(welcome)).toEqual({ ok: false, reason: 'lifetime' });
    world.now = NOW + 80 * DAY;
    expect((await second.join(welcome)).ok).toBe(true);
  });

  it('[MLS39] a Welcome made in time is joined by who was away until after it', async () => {
    const { world, alice, bob, a } = await aliceAndBob();
    const { publicBytes } = await bob.publish();
    world.now = NOW + 83 * DAY;
    const created = await alice.mls.createGroup(alice.identity, random(32), a.settings);
    const made = ok(await created.makeCommit({ add: [publicBytes], remove: [] }));
    world.now = NOW + 113 * DAY;
    expect((await bob.join(made.welcome ?? text(''))).ok).toBe(true);
  });

  it('[MLS40] path keys are held against the tree: a private key that is not the public one’s is refused', async () => {
    const { alice, a } = await aliceAndBob();
    const { ratchetTree, privatePath } = stateOf(alice.identity, a);
    expect(await matchesTree(suite, ratchetTree, privatePath)).toBe(true);
    for (const index of Object.keys(privatePath.privateKeys)) {
      const privateKeys = { ...privatePath.privateKeys, [index]: random(32) };
      expect(await matchesTree(suite, ratchetTree, { ...privatePath, privateKeys })).toBe(false);
    }
    expect(Object.keys(privatePath.privateKeys)).toEqual(['0', '1']);
  });
});
