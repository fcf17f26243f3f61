import type { PrivateKeyPath, RatchetTree } from 'ts-mls';
import { getHpkePublicKey } from 'ts-mls/ratchetTree.js';
import { directPath, leafToNodeIndex, leafWidth, toLeafIndex } from 'ts-mls/treemath.js';
import { equalBytes } from './bytes.ts';
import type { Suite } from './suite.ts';

/**
 * Keeps the private keys of our leaf and of the nodes above it that hold a key which is ours to know (RFC 9420 §7.4).
 * ts-mls merges and never drops: the keys of blanked nodes would stay, and open the path secrets of commits long past.
 */
export function dropForeignKeys(tree: RatchetTree, path: PrivateKeyPath): PrivateKeyPath {
  const leafNode = leafToNodeIndex(toLeafIndex(path.leafIndex));
  const privateKeys: Record<number, Uint8Array> = {};
  for (const index of [leafNode, ...directPath(leafNode, leafWidth(tree.length))]) {
    const node = tree[index];
    const key = path.privateKeys[index];
    if (node === undefined || key === undefined) continue;
    if (node.nodeType === 'parent' && node.parent.unmergedLeaves.includes(path.leafIndex)) continue;
    privateKeys[index] = key;
  }
  return { leafIndex: path.leafIndex, privateKeys };
}

/**
 * Whether every private key that came with a commit or a Welcome belongs to the public key in the tree (RFC 9420 §7.5,
 * §12.4.3.1). ts-mls does not look; a committer who lies here would split the group at a later commit.
 */
export async function matchesTree(
  suite: Suite,
  tree: RatchetTree,
  path: PrivateKeyPath,
  known?: PrivateKeyPath,
): Promise<boolean> {
  for (const [index, key] of Object.entries(path.privateKeys)) {
    if (known?.privateKeys[Number(index)] === key) continue;
    const node = tree[Number(index)];
    if (node === undefined) return false;
    if (!equalBytes(await suite.publicKeyOf(key), getHpkePublicKey(node))) return false;
  }
  return true;
}
