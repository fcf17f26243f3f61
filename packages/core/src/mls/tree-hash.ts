import type { Hash, RatchetTree } from 'ts-mls';
import { encode } from 'ts-mls/codec/tlsEncoder.js';
import { parentHashInputEncoder } from 'ts-mls/parentHash.js';
import { resolution } from 'ts-mls/ratchetTree.js';
import { encodeLeafNodeHashInput, encodeParentNodeHashInput } from 'ts-mls/treeHash.js';
import { isLeaf, left, nodeToLeafIndex, right, rootFromNodeWidth, toNodeIndex } from 'ts-mls/treemath.js';
import { equalBytes } from './bytes.ts';

/** The hash of every node of one tree (RFC 9420 §7.8), each computed once. */
export class TreeHashes {
  readonly #tree: RatchetTree;
  readonly #hash: Hash;
  readonly #byNode = new Map<number, Uint8Array>();
  constructor(tree: RatchetTree, hash: Hash) {
    this.#tree = tree;
    this.#hash = hash;
  }

  root(): Promise<Uint8Array> {
    return this.of(rootFromNodeWidth(this.#tree.length), NOBODY);
  }

  /** The hash of the subtree at `index` as it was before the leaves in `without` came. */
  async of(index: number, without: ReadonlySet<number>): Promise<Uint8Array> {
    const touched = hasAny(index, without);
    const known = touched ? undefined : this.#byNode.get(index);
    if (known !== undefined) return known;
    const made = await this.#hash.digest(await this.#input(index, without));
    if (!touched) this.#byNode.set(index, made);
    return made;
  }

  async #input(index: number, without: ReadonlySet<number>): Promise<Uint8Array> {
    const at = toNodeIndex(index);
    const node = this.#tree[index];
    if (isLeaf(at)) {
      const leafIndex = nodeToLeafIndex(at);
      const leafNode = node?.nodeType === 'leaf' && !without.has(leafIndex) ? node.leaf : undefined;
      return encodeLeafNodeHashInput({ nodeType: 'leaf', leafIndex, leafNode });
    }
    const leftHash = await this.of(left(at), without);
    const rightHash = await this.of(right(at), without);
    const parent = node?.nodeType === 'parent' ? node.parent : undefined;
    const parentNode = parent && {
      ...parent,
      unmergedLeaves: parent.unmergedLeaves.filter((leaf) => !without.has(leaf)),
    };
    return encodeParentNodeHashInput({ nodeType: 'parent', parentNode, leftHash, rightHash });
  }

  /**
   * Whether every parent's keys were set by a path from below it (RFC 9420 §7.9.2): some node D under its child C carries
   * the parent's hash, and C resolves to D and to the leaves that came after. ts-mls asks the same, but hashes
   * half the tree for every leaf, and anybody may send a Welcome.
   */
  async hasValidParents(): Promise<boolean> {
    for (const [index, node] of this.#tree.entries()) {
      if (node?.nodeType !== 'parent') continue;
      const at = toNodeIndex(index);
      const [one, other] = [left(at), right(at)];
      if (!((await this.#isSetFrom(index, one, other)) || (await this.#isSetFrom(index, other, one))))
        return false;
    }
    return true;
  }

  async #isSetFrom(parent: number, child: number, sibling: number): Promise<boolean> {
    const node = this.#tree[parent];
    if (node?.nodeType !== 'parent') return false;
    const { hpkePublicKey, parentHash, unmergedLeaves } = node.parent;
    const nodes: number[] = resolution(this.#tree, toNodeIndex(child));
    const later = new Set(unmergedLeaves.map((leaf) => leaf * 2).filter((leaf) => isUnder(leaf, child)));
    const [setter, second] = nodes.filter((one) => !later.has(one));
    if (setter === undefined || second !== undefined || nodes.length !== later.size + 1) return false;
    const originalSiblingTreeHash = await this.of(sibling, new Set(unmergedLeaves));
    const input = { encryptionKey: hpkePublicKey, parentHash, originalSiblingTreeHash };
    const expected = await this.#hash.digest(encode(parentHashInputEncoder)(input));
    return equalBytes(this.#parentHashOf(setter), expected);
  }

  #parentHashOf(index: number): Uint8Array {
    const node = this.#tree[index];
    if (node?.nodeType === 'parent') return node.parent.parentHash;
    return node?.nodeType === 'leaf' && node.leaf.leafNodeSource === 'commit'
      ? node.leaf.parentHash
      : new Uint8Array();
  }
}

const NOBODY: ReadonlySet<number> = new Set();

/** Whether the subtree at `index` holds one of the leaves (RFC 9420 appendix C: a node's level is its trailing ones). */
function hasAny(index: number, leaves: ReadonlySet<number>): boolean {
  for (const leaf of leaves) if (isUnder(leaf * 2, index)) return true;
  return false;
}

function isUnder(node: number, ancestor: number): boolean {
  const reach = lowestZero(ancestor) - 1;
  return node >= ancestor - reach && node <= ancestor + reach;
}

function lowestZero(index: number): number {
  let bit = 1;
  while ((index & bit) !== 0) bit <<= 1;
  return bit;
}
