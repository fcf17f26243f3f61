import fc from 'fast-check';
import type { RatchetTree } from 'ts-mls';
import { verifyParentHashes } from 'ts-mls/parentHash.js';
import { treeHashRoot } from 'ts-mls/treeHash.js';
import { describe, expect, it } from 'vitest';
import { TreeHashes } from '../../src/mls/tree-hash.ts';
import { createCrowd, random } from './cast.ts';
import { stateOf, suite } from './hostile.ts';

/** Trees that real histories grew, blank leaves and unmerged ones among them. */
async function treeOf(steps: readonly (readonly [number, number, number])[]): Promise<RatchetTree> {
  const crowd = await createCrowd();
  for (let index = 0; index < 3; index += 1) await crowd.grow(0, index % 2);
  for (const [what, by, whom] of steps) await crowd.step(what, by, whom);
  const [first] = crowd.devices;
  if (first === undefined) throw new Error('nobody');
  return stateOf(first.device.identity, first.group).ratchetTree;
}

const steps = fc.array(fc.tuple(fc.nat(2), fc.nat(7), fc.nat(7)), { maxLength: 6 });

describe('the hashes of a tree', () => {
  it('[MLS36] tree hash and parent hashes agree with the library’s on every tree, and refuse a changed one', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.nat(), async (history, any) => {
        const tree = await treeOf(history);
        const hashes = new TreeHashes(tree, suite.hash);
        expect(await hashes.root()).toEqual(await treeHashRoot(tree, suite.hash));
        expect(await hashes.hasValidParents()).toBe(true);
        expect(await verifyParentHashes(tree, suite.hash)).toBe(true);
        const parents = tree.flatMap((node, index) => (node?.nodeType === 'parent' ? [index] : []));
        const index = parents[any % parents.length] ?? 1;
        const node = tree[index];
        if (node?.nodeType !== 'parent') throw new Error('no parent');
        const forged = tree.slice();
        forged[index] = { nodeType: 'parent', parent: { ...node.parent, hpkePublicKey: random(1216) } };
        expect(await new TreeHashes(forged, suite.hash).hasValidParents()).toBe(false);
      }),
      { numRuns: 8 },
    );
  }, 60_000);
});
