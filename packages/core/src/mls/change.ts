import type { KeyPackage, Proposal } from 'ts-mls';
import type { Commit } from 'ts-mls/commit.js';
import { equalBytes, toKey } from './bytes.ts';
import { type GroupState, leafAt, type MlsContext } from './context.ts';
import type { Member, MlsRefusal } from './door.ts';
import { isUnambiguous } from './ed25519.ts';
import { type LeafIdentity, readIdentity } from './identity.ts';
import { checkKeyPackage, checkLeaf } from './key-package.ts';
import { CAPS } from './limits.ts';

/** The proposals of one commit, sorted: additions and removals are all that this build knows. */
export interface Change {
  readonly added: readonly KeyPackage[];
  readonly removed: readonly number[];
}

/**
 * The change that a received commit carries. Refused: proposals by reference, since standalone proposals are never
 * accepted, and every proposal type but add and remove (RFC 9420 §12.1).
 */
export function readChange(commit: Commit): Change | MlsRefusal {
  if (commit.proposals.length > CAPS.leaves) return 'malformed';
  const added: KeyPackage[] = [];
  const removed: number[] = [];
  for (const item of commit.proposals) {
    if (item.proposalOrRefType !== 'proposal') return 'policy';
    const { proposal } = item;
    if (proposal.proposalType === 'add') added.push(proposal.add.keyPackage);
    else if (proposal.proposalType === 'remove') removed.push(proposal.remove.removed);
    else return 'policy';
  }
  return { added, removed };
}

export function toProposals(change: Change): Proposal[] {
  return [
    ...change.removed.map((removed): Proposal => ({ proposalType: 'remove', remove: { removed } })),
    ...change.added.map((keyPackage): Proposal => ({ proposalType: 'add', add: { keyPackage } })),
  ];
}

/**
 * What the committer asks itself before, and every receiver after: KeyPackages as RFC 9420 §10.1 wants them, nobody
 * twice, the conversation's policy, and last, because it may go to the network, the authentication service.
 */
export async function checkChange(
  context: MlsContext,
  state: GroupState,
  sender: Member,
  change: Change,
): Promise<MlsRefusal | undefined> {
  const added: LeafIdentity[] = [];
  for (const keyPackage of change.added) {
    const refusal = await checkKeyPackage(context, keyPackage);
    if (refusal !== undefined) return refusal;
    const identity = readIdentity(keyPackage.leafNode, context.interop);
    if (identity === undefined) return 'bad_credential';
    added.push(identity);
  }
  const { settings, members } = state;
  if (!context.policy({ settings, members, sender, added, removed: change.removed })) return 'policy';
  if (!areDistinct(state, change, added)) return 'policy';
  for (const { account, device, signatureKey } of added) {
    if (!(await context.authentication.isCurrentDevice(account, device, signatureKey)))
      return 'bad_credential';
  }
  return undefined;
}

/** No device and no key twice among those who stay and those who come (RFC 9420 §7.3, §12.2). */
function areDistinct(state: GroupState, change: Change, added: readonly LeafIdentity[]): boolean {
  const staying = state.members.filter((member) => member && !change.removed.includes(member.leaf));
  const devices = [...staying, ...added].map((one) => (one ? toKey(one.account) + toKey(one.device) : ''));
  const signatureKeys = [...staying, ...added].map((one) => (one ? toKey(one.signatureKey) : ''));
  const hpkeKeys = change.added.map(({ leafNode }) => toKey(leafNode.hpkePublicKey));
  const initKeys = change.added.map(({ initKey }) => toKey(initKey));
  const keys = [...hpkeKeys, ...initKeys];
  return [devices, signatureKeys, keys].every((list) => new Set(list).size === list.length);
}

/** The committer's new leaf (RFC 9420 §7.3, §12.4.2): same device, same key, and still one of the account's devices. */
export async function checkPathLeaf(
  context: MlsContext,
  state: GroupState,
  sender: Member,
  commit: Commit,
): Promise<MlsRefusal | undefined> {
  const leaf = commit.path?.leafNode;
  const before = leafAt(state.mls.ratchetTree, sender.leaf);
  if (leaf === undefined || before === undefined) return undefined;
  if (!isUnambiguous(leaf.signature)) return 'bad_signature';
  const refusal = checkLeaf(context, leaf);
  if (refusal !== undefined) return refusal;
  const identity = readIdentity(leaf, context.interop);
  const same =
    identity !== undefined &&
    equalBytes(identity.account, sender.account) &&
    equalBytes(identity.device, sender.device) &&
    equalBytes(identity.signatureKey, sender.signatureKey);
  if (!same) return 'bad_credential';
  const { account, device, signatureKey } = sender;
  return (await context.authentication.isCurrentDevice(account, device, signatureKey))
    ? undefined
    : 'bad_credential';
}
