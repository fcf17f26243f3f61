import type { PrivateKeyPath, RatchetTree } from 'ts-mls';
import { directPath, leafToNodeIndex, leafWidth, toLeafIndex } from 'ts-mls/treemath.js';

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
