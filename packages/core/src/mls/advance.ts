import type { ClientState, RatchetTree } from 'ts-mls';
import type { AuthenticatedContent } from 'ts-mls/authenticatedContent.js';
import {
  type ApplyProposalsResult,
  applyProposals,
  nextEpochContext,
  throwIfDefined,
  validateLeafNodeUpdateOrCommit,
} from 'ts-mls/clientState.js';
import type { Commit } from 'ts-mls/commit.js';
import { applyUpdatePathSecret } from 'ts-mls/createCommit.js';
import { verifyConfirmationTag } from 'ts-mls/framedContent.js';
import { initializeEpoch } from 'ts-mls/keySchedule.js';
import { CryptoError, CryptoVerificationError } from 'ts-mls/mlsError.js';
import { mergePrivateKeyPaths, toPrivateKeyPath } from 'ts-mls/privateKeyPath.js';
import { emptyPskIndex } from 'ts-mls/pskIndex.js';
import { filteredDirectPathAndCopathResolution } from 'ts-mls/ratchetTree.js';
import { createSecretTree } from 'ts-mls/secretTree.js';
import { treeHashRoot } from 'ts-mls/treeHash.js';
import { leafToNodeIndex, leafWidth, toLeafIndex } from 'ts-mls/treemath.js';
import { applyUpdatePath, type UpdatePath } from 'ts-mls/updatePath.js';
import type { MlsContext } from './context.ts';
import type { MlsRefusal } from './door.ts';
import { climb, dropForeignKeys, matchesTree } from './private-path.ts';
import { forgetSecrets } from './spent.ts';
import type { Suite } from './suite.ts';
import { hasDistinctKeys } from './tree.ts';

/** A commit whose signature and proposals have been checked. */
export interface CheckedCommit {
  readonly sender: number;
  readonly commit: Commit;
  readonly framed: AuthenticatedContent;
}

/**
 * The epoch that a received commit opens (RFC 9420 §12.4.2), step by step over the library's parts. ts-mls's own run of
 * these steps takes the commit secret from the wrong node when one half of the tree is empty (§7.4), and believes public
 * keys and ciphertext counts that the committer chose.
 */
export async function advanceEpoch(
  context: MlsContext,
  mls: ClientState,
  checked: CheckedCommit,
): Promise<ClientState | MlsRefusal> {
  try {
    const { sender, commit } = checked;
    const { suite } = context;
    const leaf = toLeafIndex(sender);
    const applied = await applyProposals(mls, commit.proposals, leaf, emptyPskIndex, false, suite);
    if (applied.additionalResult.kind !== 'memberCommit') return 'policy';
    if (commit.path === undefined && applied.needsUpdatePath) return 'malformed';
    if (commit.path !== undefined) await checkPath(context, mls, sender, commit.path, applied);
    if (applied.selfRemoved) return removed(mls, applied.tree);
    const stepped = await followPath(suite, mls, sender, commit.path, applied);
    if (!hasDistinctKeys(stepped.tree, context.interop)) return 'malformed';
    const matches = await matchesTree(suite, stepped.tree, stepped.privatePath, mls.privatePath);
    return matches ? await enter(suite, mls, checked, applied, stepped) : 'malformed';
  } catch (error) {
    if (error instanceof CryptoVerificationError) return 'bad_signature';
    return error instanceof CryptoError ? 'decrypt_failed' : 'malformed';
  }
}

/** The removed cannot follow the path: what it knows is that a member, whose signature held, has put it out. */
function removed(mls: ClientState, ratchetTree: RatchetTree): ClientState {
  return forgetSecrets({ ...mls, ratchetTree, groupActiveState: { kind: 'removedFromGroup' } });
}

/** The new leaf's signature and credential, and one ciphertext for every node that is to read one (§7.6). */
async function checkPath(
  { suite, config }: MlsContext,
  mls: ClientState,
  sender: number,
  path: UpdatePath,
  applied: ApplyProposalsResult,
): Promise<void> {
  const { groupContext } = mls;
  const { authService } = config;
  throwIfDefined(
    await validateLeafNodeUpdateOrCommit(path.leafNode, sender, groupContext, authService, suite.signature),
  );
  const fresh = new Set<number>(addedNodes(applied));
  const filtered = filteredDirectPathAndCopathResolution(toLeafIndex(sender), applied.tree);
  const isWhole = filtered.every(({ resolution }, index) => {
    const readers = resolution.filter((node) => !fresh.has(node)).length;
    return path.nodes[index]?.encryptedPathSecret.length === readers;
  });
  if (!isWhole || filtered.length !== path.nodes.length)
    throw new Error('the path has other nodes than the tree');
}

function addedNodes({ additionalResult }: ApplyProposalsResult) {
  if (additionalResult.kind !== 'memberCommit') return [];
  return additionalResult.addedLeafNodes.map(([leaf]) => leafToNodeIndex(leaf));
}

type Stepped = Awaited<ReturnType<typeof followPath>>;

async function followPath(
  suite: Suite,
  mls: ClientState,
  sender: number,
  path: UpdatePath | undefined,
  applied: ApplyProposalsResult,
) {
  const { privatePath, groupContext } = mls;
  if (path === undefined) {
    return { tree: applied.tree, privatePath, commitSecret: new Uint8Array(suite.kdf.size) };
  }
  const leaf = toLeafIndex(sender);
  const tree = await applyUpdatePath(applied.tree, leaf, path, suite.hash);
  const treeHash = await treeHashRoot(tree, suite.hash);
  const provisional = { ...groupContext, treeHash, epoch: groupContext.epoch + 1n };
  const fresh = addedNodes(applied);
  const found = await applyUpdatePathSecret(tree, privatePath, leaf, provisional, path, fresh, suite);
  const { secrets, commitSecret } = await climb(suite, tree, found.nodeIndex, found.pathSecret);
  const keys = await toPrivateKeyPath(secrets, privatePath.leafIndex, suite);
  for (const secret of Object.values(secrets)) secret.fill(0);
  return { tree, privatePath: dropForeignKeys(tree, mergePrivateKeyPaths(privatePath, keys)), commitSecret };
}

async function enter(
  suite: Suite,
  mls: ClientState,
  { framed }: CheckedCommit,
  { pskSecret }: ApplyProposalsResult,
  { tree, privatePath, commitSecret }: Stepped,
): Promise<ClientState | MlsRefusal> {
  const { content, auth, wireformat } = framed;
  if (content.contentType !== 'commit' || auth.contentType !== 'commit') return 'malformed';
  const groupContext = await nextEpochContext(
    mls.groupContext,
    wireformat,
    content,
    auth.signature,
    await treeHashRoot(tree, suite.hash),
    mls.confirmationTag,
    suite.hash,
  );
  const { initSecret } = mls.keySchedule;
  const epoch = await initializeEpoch(initSecret, commitSecret, groupContext, pskSecret, suite.kdf);
  const { confirmationKey } = epoch.keySchedule;
  const { confirmationTag } = auth;
  const transcript = groupContext.confirmedTranscriptHash;
  if (!(await verifyConfirmationTag(confirmationKey, confirmationTag, transcript, suite.hash))) {
    return 'bad_signature';
  }
  const secretTree = await createSecretTree(leafWidth(tree.length), epoch.encryptionSecret, suite.kdf);
  const { joinerSecret, welcomeSecret, encryptionSecret, keySchedule } = epoch;
  for (const secret of [commitSecret, joinerSecret, welcomeSecret, encryptionSecret]) secret.fill(0);
  return {
    ...mls,
    groupContext,
    keySchedule,
    secretTree,
    ratchetTree: tree,
    privatePath,
    confirmationTag,
    unappliedProposals: {},
    historicalReceiverData: new Map(),
  };
}
