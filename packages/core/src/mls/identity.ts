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

/** Undefined when the credential is not one of ours (other implementations name devices otherwise). The leaf is the attacker's. */
export function readIdentity(
  leaf: Pick<LeafNode, 'credential' | 'signaturePublicKey'>,
  interop: boolean,
): LeafIdentity | undefined {
  const { credential, signaturePublicKey } = leaf;
  if (credential.credentialType !== 'basic') return undefined;
  if (signaturePublicKey.length !== 32) return undefined;
  if (credential.identity.length !== 2 * ID_BYTES && !interop) return undefined;
  return {
    account: credential.identity.subarray(0, ID_BYTES),
    device: credential.identity.subarray(ID_BYTES),
    signatureKey: signaturePublicKey,
  };
}

/** The members of a tree by leaf index; undefined where the leaf is blank. Throws when a leaf is not one of ours. */
export function readMembers(leaves: readonly (LeafNode | undefined)[], interop: boolean) {
  return leaves.map((node, leaf): Member | undefined => {
    if (node === undefined) return undefined;
    const identity = readIdentity(node, interop);
    if (identity === undefined) throw new Error('a leaf of the tree has a foreign credential');
    return { leaf, ...identity };
  });
}
