import type { PrivateKeyPath, RatchetTree } from 'ts-mls';
import { deriveSecret } from 'ts-mls/crypto/kdf.js';
import { getHpkePublicKey } from 'ts-mls/ratchetTree.js';
import { directPath, leafToNodeIndex, leafWidth, toLeafIndex, toNodeIndex } from 'ts-mls/treemath.js';
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
 * Path secrets from a node up to the last node that holds a key, and the commit secret that follows (RFC 9420 §7.4, §9.2).
 * When one half of the tree is empty the root is blank, and is not a step: ts-mls takes it for one.
 */
export async function climb(suite: Suite, tree: RatchetTree, from: number, pathSecret: Uint8Array) {
  const secrets: Record<number, Uint8Array> = { [from]: pathSecret };
  let last = pathSecret;
  const width = leafWidth(tree.length);
  for (const index of directPath(toNodeIndex(from), width)) {
    if (tree[index] === undefined) continue;
    last = await deriveSecret(last, 'path', suite.kdf);
    secrets[index] = last;
  }
  return { secrets, commitSecret: await deriveSecret(last, 'path', suite.kdf) };
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
