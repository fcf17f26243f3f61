import type { CiphersuiteImpl, ClientState, KeyPackage, MLSMessage, Welcome } from 'ts-mls';
import { applyProposals, nextEpochContext } from 'ts-mls/clientState.js';
import { deriveSecret } from 'ts-mls/crypto/kdf.js';
import {
  createConfirmationTag,
  createContentCommitSignature,
  type FramedContentAuthDataCommit,
} from 'ts-mls/framedContent.js';
import { signGroupInfo } from 'ts-mls/groupInfo.js';
import { makeKeyPackageRef } from 'ts-mls/keyPackage.js';
import { initializeEpoch } from 'ts-mls/keySchedule.js';
import { encodeMlsMessage } from 'ts-mls/message.js';
import { protectPublicMessage } from 'ts-mls/messageProtectionPublic.js';
import { pathToPathSecrets } from 'ts-mls/pathSecrets.js';
import { mergePrivateKeyPaths, toPrivateKeyPath, updateLeafKey } from 'ts-mls/privateKeyPath.js';
import { emptyPskIndex } from 'ts-mls/pskIndex.js';
import { encodeRatchetTree, type RatchetTree } from 'ts-mls/ratchetTree.js';
import { createSecretTree } from 'ts-mls/secretTree.js';
import { treeHashRoot } from 'ts-mls/treeHash.js';
import { type LeafIndex, leafToNodeIndex, leafWidth, toLeafIndex } from 'ts-mls/treemath.js';
import { createUpdatePath, firstCommonAncestor, type PathSecret } from 'ts-mls/updatePath.js';
import { encryptGroupInfo, encryptGroupSecrets } from 'ts-mls/welcome.js';
import { isZero } from './bytes.ts';
import { type Change, toProposals } from './change.ts';
import type { MlsContext } from './context.ts';
import { encryptContent } from './private-message.ts';
import { dropForeignKeys } from './private-path.ts';
import { epochSecrets } from './spent.ts';

export interface MadeCommit {
  readonly body: Uint8Array;
  readonly welcome: Uint8Array | undefined;
  readonly next: ClientState;
  readonly addedLeaves: readonly number[];
  /** Secrets of the epoch that ends, used up once the commit stands. */
  readonly spent: readonly Uint8Array[];
}

/**
 * Makes a commit with an update path, whatever its proposals (RFC 9420 §12.4.1; ts-mls leaves the path out when it may).
 * `change` has passed `checkChange`. Nothing of `mls` is touched: the commit may lose its race.
 */
export async function createCommit(
  context: MlsContext,
  mls: ClientState,
  change: Change,
): Promise<MadeCommit> {
  const { suite } = context;
  if (isZero(mls.keySchedule.initSecret)) throw new Error('this value of the group was erased');
  const ownLeaf = toLeafIndex(mls.privatePath.leafIndex);
  const proposals = toProposals(change).map((proposal) => ({
    proposalOrRefType: 'proposal' as const,
    proposal,
  }));
  const applied = await applyProposals(mls, proposals, ownLeaf, emptyPskIndex, false, suite);
  if (applied.additionalResult.kind !== 'memberCommit') throw new Error('not a commit of a member');
  const added = applied.additionalResult.addedLeafNodes;
  const [tree, path, pathSecrets, leafKey] = await createUpdatePath(
    applied.tree,
    ownLeaf,
    mls.groupContext,
    mls.signaturePrivateKey,
    suite,
    added.map(([leaf]) => leafToNodeIndex(leaf)),
  );
  const signed = await createContentCommitSignature(
    mls.groupContext,
    context.interop ? 'mls_public_message' : 'mls_private_message',
    { proposals, path },
    { senderType: 'member', leafIndex: ownLeaf },
    new Uint8Array(),
    mls.signaturePrivateKey,
    suite.signature,
  );
  const epoch = await openEpoch(context, mls, tree, pathSecrets, signed, applied.pskSecret);
  const auth = {
    contentType: 'commit' as const,
    signature: signed.signature,
    confirmationTag: epoch.confirmationTag,
  };
  const message = await protectCommit(context, mls, { content: signed.framedContent, auth });
  const welcome = await makeWelcome(suite, mls, tree, epoch, added, pathSecrets);
  const leafPath = updateLeafKey(mls.privatePath, await suite.hpke.exportPrivateKey(leafKey));
  const newKeys = await toPrivateKeyPath(pathToPathSecrets(pathSecrets), ownLeaf, suite);
  const next: ClientState = {
    ...mls,
    groupContext: epoch.groupContext,
    ratchetTree: tree,
    secretTree: await createSecretTree(leafWidth(tree.length), epoch.secrets.encryptionSecret, suite.kdf),
    keySchedule: epoch.secrets.keySchedule,
    privatePath: dropForeignKeys(tree, mergePrivateKeyPaths(leafPath, newKeys)),
    unappliedProposals: {},
    historicalReceiverData: new Map(),
    confirmationTag: epoch.confirmationTag,
  };
  const { joinerSecret, welcomeSecret, encryptionSecret } = epoch.secrets;
  for (const secret of [joinerSecret, welcomeSecret, encryptionSecret]) secret.fill(0);
  for (const { secret } of pathSecrets) secret.fill(0);
  return {
    body: encodeMlsMessage(message),
    welcome: welcome && encodeMlsMessage({ version: 'mls10', wireformat: 'mls_welcome', welcome }),
    next,
    addedLeaves: added.map(([leaf]) => leaf),
    spent: epochSecrets(mls, next),
  };
}

type Signed = Awaited<ReturnType<typeof createContentCommitSignature>>;
type NextEpoch = Awaited<ReturnType<typeof openEpoch>>;

/** The key schedule of the epoch that the commit opens (RFC 9420 §8). */
async function openEpoch(
  { suite, interop }: MlsContext,
  mls: ClientState,
  tree: RatchetTree,
  pathSecrets: readonly PathSecret[],
  signed: Signed,
  pskSecret: Uint8Array,
) {
  const wireformat = interop ? 'mls_public_message' : 'mls_private_message';
  const groupContext = await nextEpochContext(
    mls.groupContext,
    wireformat,
    signed.framedContent,
    signed.signature,
    await treeHashRoot(tree, suite.hash),
    mls.confirmationTag,
    suite.hash,
  );
  const last = pathSecrets.at(-1);
  const commitSecret =
    last === undefined ? new Uint8Array(suite.kdf.size) : await deriveSecret(last.secret, 'path', suite.kdf);
  const { initSecret } = mls.keySchedule;
  const secrets = await initializeEpoch(initSecret, commitSecret, groupContext, pskSecret, suite.kdf);
  commitSecret.fill(0);
  const confirmationTag = await createConfirmationTag(
    secrets.keySchedule.confirmationKey,
    groupContext.confirmedTranscriptHash,
    suite.hash,
  );
  return { groupContext, secrets, confirmationTag };
}

async function protectCommit(
  context: MlsContext,
  mls: ClientState,
  signed: { readonly content: Signed['framedContent']; readonly auth: FramedContentAuthDataCommit },
): Promise<MLSMessage> {
  const { content, auth } = signed;
  if (!context.interop) {
    const { commit } = content;
    const sealed = await encryptContent(context.suite, mls, { contentType: 'commit', commit, auth });
    return { version: 'mls10', wireformat: 'mls_private_message', privateMessage: sealed.message };
  }
  const publicMessage = await protectPublicMessage(
    mls.keySchedule.membershipKey,
    mls.groupContext,
    { wireformat: 'mls_public_message', content, auth },
    context.suite,
  );
  return { version: 'mls10', wireformat: 'mls_public_message', publicMessage };
}

/** One Welcome for all (RFC 9420 §12.4.3.1), with the ratchet tree inside its sealed GroupInfo. */
async function makeWelcome(
  suite: CiphersuiteImpl,
  mls: ClientState,
  tree: RatchetTree,
  epoch: NextEpoch,
  added: readonly (readonly [LeafIndex, KeyPackage])[],
  pathSecrets: readonly PathSecret[],
): Promise<Welcome | undefined> {
  if (added.length === 0) return undefined;
  const ownLeaf = toLeafIndex(mls.privatePath.leafIndex);
  const groupInfo = await signGroupInfo(
    {
      groupContext: epoch.groupContext,
      extensions: [{ extensionType: 'ratchet_tree', extensionData: encodeRatchetTree(tree) }],
      confirmationTag: epoch.confirmationTag,
      signer: ownLeaf,
    },
    mls.signaturePrivateKey,
    suite.signature,
  );
  const { joinerSecret, welcomeSecret } = epoch.secrets;
  const encryptedGroupInfo = await encryptGroupInfo(groupInfo, welcomeSecret, suite);
  const sealFor = async ([leaf, keyPackage]: readonly [LeafIndex, KeyPackage]) => {
    const ancestor = firstCommonAncestor(tree, leaf, ownLeaf);
    const pathSecret = pathSecrets.find(({ nodeIndex }) => nodeIndex === ancestor)?.secret;
    const initKey = await suite.hpke.importPublicKey(keyPackage.initKey);
    const secrets = { joinerSecret, pathSecret, psks: [] };
    const sealed = await encryptGroupSecrets(initKey, encryptedGroupInfo, secrets, suite.hpke);
    const newMember = await makeKeyPackageRef(keyPackage, suite.hash);
    return { newMember, encryptedGroupSecrets: { kemOutput: sealed.enc, ciphertext: sealed.ct } };
  };
  return { cipherSuite: suite.name, secrets: await Promise.all(added.map(sealFor)), encryptedGroupInfo };
}
