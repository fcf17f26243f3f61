import type { Credential } from 'ts-mls';
import type { LeafNode } from 'ts-mls/leafNode.js';
import { concatBytes } from './bytes.ts';
import type { DeviceIdentity, Member } from './door.ts';
import { ID_BYTES } from './limits.ts';

export interface LeafIdentity {
  readonly account: Uint8Array;
  readonly device: Uint8Array;
  readonly signatureKey: Uint8Array;
}

/** RFC 9420 §5.3: a basic credential, identity = account ‖ device. */
export function encodeCredential(identity: DeviceIdentity): Credential {
  return { credentialType: 'basic', identity: concatBytes(identity.account, identity.device) };
}

/** Undefined when the credential is not one of ours. The leaf is the attacker's. */
export function readIdentity(
  leaf: Pick<LeafNode, 'credential' | 'signaturePublicKey'>,
): LeafIdentity | undefined {
  const { credential, signaturePublicKey } = leaf;
  if (credential.credentialType !== 'basic') return undefined;
  if (credential.identity.length !== 2 * ID_BYTES || signaturePublicKey.length !== 32) return undefined;
  return {
    account: credential.identity.subarray(0, ID_BYTES),
    device: credential.identity.subarray(ID_BYTES),
    signatureKey: signaturePublicKey,
  };
}

/** The members of a tree by leaf index; undefined where the leaf is blank. Throws when a leaf is not one of ours. */
export function readMembers(tree: ReadonlyArray<unknown>, leafAt: (leaf: number) => LeafNode | undefined) {
  const members: (Member | undefined)[] = [];
  for (let leaf = 0; leaf * 2 < tree.length; leaf += 1) {
    const node = leafAt(leaf);
    if (node === undefined) {
      members.push(undefined);
      continue;
    }
    const identity = readIdentity(node);
    if (identity === undefined) throw new Error('a leaf of the tree has a foreign credential');
    members.push({ leaf, ...identity });
  }
  return members;
}
