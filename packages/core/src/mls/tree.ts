import type { CiphersuiteImpl, GroupContext, RatchetTree } from 'ts-mls';
import { type LeafNode, verifyLeafNodeSignature } from 'ts-mls/leafNode.js';
import { directPath, leafToNodeIndex, leafWidth, toLeafIndex } from 'ts-mls/treemath.js';
import { equalBytes, toKey } from './bytes.ts';
import { leafAt, type MlsContext } from './context.ts';
import type { MlsRefusal } from './door.ts';
import { readIdentity } from './identity.ts';
import { checkLeaf } from './key-package.ts';
import { CAPS } from './limits.ts';
import { TreeHashes } from './tree-hash.ts';

/**
 * A tree that came in a Welcome (RFC 9420 §12.4.3.1, §7.9): its hash, its parent hashes, every leaf, every unmerged leaf.
 * ts-mls asks every ancestor of an unmerged leaf for equal lists, which refuses honest trees, and lets others pass.
 * Undefined when it stands; the credentials are left to the caller.
 */
export async function checkTree(
  context: MlsContext,
  tree: RatchetTree,
  groupContext: GroupContext,
  ownKey: Uint8Array,
): Promise<MlsRefusal | undefined> {
  if (!isSound(tree) || !hasDistinctKeys(tree, context.interop)) return 'malformed';
  const { suite } = context;
  const hashes = new TreeHashes(tree, suite.hash);
  if (!equalBytes(await hashes.root(), groupContext.treeHash)) return 'malformed';
  if (!(await hashes.hasValidParents())) return 'malformed';
  return checkLeaves(context, tree, groupContext.groupId, ownKey);
}

async function checkLeaves(context: MlsContext, tree: RatchetTree, groupId: Uint8Array, ownKey: Uint8Array) {
  const verdicts: Promise<boolean>[] = [];
  // Who adds us has to use our KeyPackage in its lifetime; the Welcome may wait beyond it while we are away. How long we can
  // still open it is decided by how long we keep the private half. `lifetime` is the last thing that a leaf is asked for.
  const isOwn = (leaf: LeafNode) => equalBytes(leaf.signaturePublicKey, ownKey);
  for (let leaf = 0; leaf * 2 < tree.length; leaf += 1) {
    const node = leafAt(tree, leaf);
    if (node === undefined) continue;
    const refusal = checkLeaf(context, node);
    if (refusal !== undefined && !(refusal === 'lifetime' && isOwn(node))) return refusal;
    verdicts.push(isSigned(context.suite, node, groupId, leaf));
  }
  return (await Promise.all(verdicts)).every(Boolean) ? undefined : 'bad_signature';
}

/** RFC 9420 §7.2: a leaf of a commit or an update signs its group and place, a leaf of a KeyPackage does not. */
function isSigned(
  suite: CiphersuiteImpl,
  leaf: LeafNode,
  groupId: Uint8Array,
  index: number,
): Promise<boolean> {
  return verifyLeafNodeSignature(leaf, groupId, index, suite.signature);
}

/** Leaves at even places, parents at odd ones, unmerged leaves in order, below their node and listed on the way up. */
function isSound(tree: RatchetTree): boolean {
  if (leafWidth(tree.length) > CAPS.leaves) return false;
  return tree.every((node, index) => {
    if (node === undefined) return true;
    if (node.nodeType === 'leaf') return index % 2 === 0;
    if (index % 2 === 0) return false;
    const unmerged = node.parent.unmergedLeaves;
    return unmerged.every(
      (leaf, place) => leaf > (unmerged[place - 1] ?? -1) && isUnmerged(tree, index, leaf),
    );
  });
}

function isUnmerged(tree: RatchetTree, parent: number, leaf: number): boolean {
  if (leafAt(tree, leaf) === undefined) return false;
  const path: number[] = directPath(leafToNodeIndex(toLeafIndex(leaf)), leafWidth(tree.length));
  const place = path.indexOf(parent);
  if (place < 0) return false;
  return path.slice(0, place).every((index) => {
    const between = tree[index];
    return between?.nodeType !== 'parent' || between.parent.unmergedLeaves.includes(leaf);
  });
}

/** RFC 9420 §7.3: no encryption key, signature key or device twice. ts-mls leaves the new leaf of a commit out of this. */
export function hasDistinctKeys(tree: RatchetTree, interop: boolean): boolean {
  const seen = new Set<string>();
  let expected = 0;
  for (const node of tree) {
    if (node === undefined) continue;
    if (node.nodeType === 'parent') {
      expected += 1;
      seen.add(`key ${toKey(node.parent.hpkePublicKey)}`);
      continue;
    }
    expected += 3;
    const identity = readIdentity(node.leaf, interop);
    if (identity === undefined) return false;
    seen.add(`key ${toKey(node.leaf.hpkePublicKey)}`);
    seen.add(`signature ${toKey(node.leaf.signaturePublicKey)}`);
    seen.add(`device ${toKey(identity.account)}${toKey(identity.device)}`);
  }
  return seen.size === expected;
}
