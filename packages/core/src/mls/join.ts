import type { CiphersuiteImpl, ClientState, GroupInfo, KeyPackage, RatchetTree, Welcome } from 'ts-mls';

import { decryptWithLabel } from 'ts-mls/crypto/hpke.js';
import {
  decodeGroupInfo,
  extractWelcomeSecret,
  groupInfoEncoder,
  verifyGroupInfoSignature,
} from 'ts-mls/groupInfo.js';
import { decodeGroupSecrets, type GroupSecrets, groupSecretsEncoder } from 'ts-mls/groupSecrets.js';
import { makeKeyPackageRef, type PrivateKeyPackage } from 'ts-mls/keyPackage.js';
import { deriveKeySchedule } from 'ts-mls/keySchedule.js';
import { mergePrivateKeyPaths, toPrivateKeyPath } from 'ts-mls/privateKeyPath.js';
import { decodeRatchetTree, findLeafIndex, ratchetTreeEncoder } from 'ts-mls/ratchetTree.js';
import { createSecretTree } from 'ts-mls/secretTree.js';
import { type LeafIndex, leafToNodeIndex, leafWidth, toLeafIndex } from 'ts-mls/treemath.js';
import { firstCommonAncestor } from 'ts-mls/updatePath.js';
import { welcomeKey, welcomeNonce } from 'ts-mls/welcome.js';
import { equalBytes } from './bytes.ts';
import { type GroupState, leafAt, type MlsContext, readEpoch, refuse } from './context.ts';
import type { DeviceIdentity, MlsRefusal, OwnKeyPackage, Refused } from './door.ts';
import { decodeExactly, decodeMessage } from './framing.ts';
import { checkGroupContext } from './group-context.ts';
import { decodeKeyPackageMessage, decodePrivate } from './key-package.ts';
import { CAPS } from './limits.ts';
import { conversationAllows } from './membership.ts';
import { climb, dropForeignKeys, matchesTree } from './private-path.ts';
import type { Suite } from './suite.ts';
import { checkTree } from './tree.ts';

export interface JoinedGroup {
  readonly ok: true;
  readonly state: GroupState;
  readonly ref: Uint8Array;
  readonly lastResort: boolean;
}

type FindKeyPackage = (ref: Uint8Array) => Promise<OwnKeyPackage | undefined>;

/**
 * Joins from a Welcome (RFC 9420 §12.4.3.1). Anybody may write one: it is believed only after its GroupInfo's signature,
 * its whole tree, the settings and every member's chain have been checked. ts-mls's own join decodes loosely and checks
 * unmerged leaves wrongly, so the steps are taken here, over the library's parts.
 */
export async function joinFromWelcome(
  context: MlsContext,
  identity: DeviceIdentity,
  bytes: Uint8Array,
  findKeyPackage: FindKeyPackage,
): Promise<JoinedGroup | Refused> {
  const message = decodeMessage(bytes, CAPS.welcome);
  if (message?.wireformat !== 'mls_welcome') return refuse('malformed');
  const { welcome } = message;
  if (welcome.cipherSuite !== context.suite.name) return refuse('wrong_suite');
  const own = await findOwn(context, identity, welcome, findKeyPackage);
  if (own === undefined) return refuse('unknown_key_package');
  const opened = await openWelcome(context.suite, welcome, own);
  if (typeof opened === 'string') return refuse(opened);
  const checked = await checkGroupInfo(context, opened.groupInfo, identity.signatureKey);
  if (typeof checked === 'string') return refuse(checked);
  const mls = await enterEpoch(context, opened, checked, own);
  if (typeof mls === 'string') return refuse(mls);
  const state = readEpoch(context, mls, []);
  const refusal = await checkMembers(context, state);
  if (refusal !== undefined) return refuse(refusal);
  return { ok: true, state, ref: own.stored.ref, lastResort: own.stored.lastResort };
}

interface FoundKeyPackage {
  readonly stored: OwnKeyPackage;
  readonly keyPackage: KeyPackage;
  readonly privateKeys: PrivateKeyPackage;
  readonly secrets: Welcome['secrets'][number];
}

async function findOwn(
  { suite }: MlsContext,
  identity: DeviceIdentity,
  welcome: Welcome,
  find: FindKeyPackage,
): Promise<FoundKeyPackage | undefined> {
  if (welcome.secrets.length > CAPS.leaves) return undefined;
  for (const secrets of welcome.secrets) {
    const stored = await find(secrets.newMember);
    if (stored === undefined) continue;
    const keyPackage = decodeKeyPackageMessage(stored.publicBytes);
    if (keyPackage === undefined) throw new Error('the stored key package is not one');
    const ref = await makeKeyPackageRef(keyPackage, suite.hash);
    if (!equalBytes(ref, secrets.newMember)) throw new Error('the stored key package has another reference');
    if (!equalBytes(keyPackage.leafNode.signaturePublicKey, identity.signatureKey)) {
      throw new Error('the stored key package is of another device');
    }
    return { stored, keyPackage, privateKeys: decodePrivate(stored.privateBytes, identity), secrets };
  }
  return undefined;
}

interface OpenedWelcome {
  readonly groupSecrets: GroupSecrets;
  readonly groupInfo: GroupInfo;
  readonly pskSecret: Uint8Array;
}

async function openWelcome(
  suite: CiphersuiteImpl,
  welcome: Welcome,
  own: FoundKeyPackage,
): Promise<OpenedWelcome | MlsRefusal> {
  const { kemOutput, ciphertext } = own.secrets.encryptedGroupSecrets;
  const pskSecret = new Uint8Array(suite.kdf.size);
  try {
    const initKey = await suite.hpke.importPrivateKey(own.privateKeys.initPrivateKey);
    const label = welcome.encryptedGroupInfo;
    const secretBytes = await decryptWithLabel(initKey, 'Welcome', label, kemOutput, ciphertext, suite.hpke);
    const groupSecrets = decodeExactly(secretBytes, CAPS.welcome, decodeGroupSecrets, groupSecretsEncoder);
    if (groupSecrets === undefined) return 'malformed';
    if (groupSecrets.psks.length > 0) return 'policy';
    const welcomeSecret = await extractWelcomeSecret(groupSecrets.joinerSecret, pskSecret, suite.kdf);
    const key = await welcomeKey(welcomeSecret, suite);
    const nonce = await welcomeNonce(welcomeSecret, suite);
    const infoBytes = await suite.hpke.decryptAead(key, nonce, undefined, welcome.encryptedGroupInfo);
    const groupInfo = decodeExactly(infoBytes, CAPS.welcome, decodeGroupInfo, groupInfoEncoder);
    return groupInfo === undefined ? 'malformed' : { groupSecrets, groupInfo, pskSecret };
  } catch {
    return 'decrypt_failed';
  }
}

async function checkGroupInfo(
  context: MlsContext,
  groupInfo: GroupInfo,
  ownKey: Uint8Array,
): Promise<RatchetTree | MlsRefusal> {
  const refusal = checkGroupContext(context, groupInfo.groupContext);
  if (refusal !== undefined) return refusal;
  const [extension, second] = groupInfo.extensions.filter(
    ({ extensionType }) => extensionType === 'ratchet_tree',
  );
  if (extension === undefined || second !== undefined) return 'malformed';
  const tree = decodeExactly(extension.extensionData, CAPS.welcome, decodeRatchetTree, ratchetTreeEncoder);
  if (tree === undefined) return 'malformed';
  const signer = leafAt(tree, groupInfo.signer);
  if (signer === undefined) return 'not_a_member';
  const signed = await verifyGroupInfoSignature(
    groupInfo,
    signer.signaturePublicKey,
    context.suite.signature,
  );
  if (!signed) return 'bad_signature';
  return (await checkTree(context, tree, groupInfo.groupContext, ownKey)) ?? tree;
}

async function enterEpoch(
  { suite, config }: MlsContext,
  opened: OpenedWelcome,
  tree: RatchetTree,
  own: FoundKeyPackage,
): Promise<ClientState | MlsRefusal> {
  const { groupInfo, groupSecrets, pskSecret } = opened;
  const leaf = findLeafIndex(tree, own.keyPackage.leafNode);
  if (leaf === undefined || leaf === groupInfo.signer) return 'malformed';
  const { groupContext, confirmationTag } = groupInfo;
  const { joinerSecret } = groupSecrets;
  const [keySchedule, encryptionSecret] = await deriveKeySchedule(
    joinerSecret,
    pskSecret,
    groupContext,
    suite.kdf,
  );
  const { confirmationKey } = keySchedule;
  const confirmed = await suite.hash.verifyMac(
    confirmationKey,
    confirmationTag,
    groupContext.confirmedTranscriptHash,
  );
  if (!confirmed) return 'bad_signature';
  const privatePath = await openPath(suite, opened, tree, leaf, own.privateKeys.hpkePrivateKey);
  if (privatePath === undefined || !(await matchesTree(suite, tree, privatePath))) return 'malformed';
  const secretTree = await createSecretTree(leafWidth(tree.length), encryptionSecret, suite.kdf);
  for (const secret of [encryptionSecret, joinerSecret, groupSecrets.pathSecret]) secret?.fill(0);
  return {
    groupContext,
    ratchetTree: tree,
    privatePath,
    signaturePrivateKey: own.privateKeys.signaturePrivateKey,
    confirmationTag,
    unappliedProposals: {},
    keySchedule,
    secretTree,
    historicalReceiverData: new Map(),
    groupActiveState: { kind: 'active' },
    clientConfig: config,
  };
}

async function openPath(
  suite: Suite,
  { groupSecrets, groupInfo }: OpenedWelcome,
  tree: RatchetTree,
  leafIndex: LeafIndex,
  leafKey: Uint8Array,
) {
  const ownPath = { leafIndex, privateKeys: { [leafToNodeIndex(leafIndex)]: leafKey } };
  if (groupSecrets.pathSecret === undefined) return ownPath;
  try {
    const ancestor = firstCommonAncestor(tree, leafIndex, toLeafIndex(groupInfo.signer));
    const { secrets } = await climb(suite, tree, ancestor, groupSecrets.pathSecret);
    const path = mergePrivateKeyPaths(await toPrivateKeyPath(secrets, leafIndex, suite), ownPath);
    return dropForeignKeys(tree, path);
  } catch {
    return undefined;
  }
}

/** Last, because chains may have to be fetched: whose devices these are, and whether they may be here. */
async function checkMembers(context: MlsContext, state: GroupState): Promise<MlsRefusal | undefined> {
  if (!context.interop && !conversationAllows(state)) return 'policy';
  for (const member of state.members) {
    if (member === undefined) continue;
    const { account, device, signatureKey } = member;
    const stands = await context.authentication.isCurrentDevice(account, device, signatureKey);
    if (!stands) return 'bad_credential';
  }
  return undefined;
}
