import type { ClientState, MLSMessage, PrivateMessage, ProposalWithSender, PublicMessage } from 'ts-mls';
import type { Commit } from 'ts-mls/commit.js';
import { unprotectPublicMessage } from 'ts-mls/messageProtectionPublic.js';
import { CryptoError, CryptoVerificationError } from 'ts-mls/mlsError.js';
import { processPrivateMessage, processPublicMessage } from 'ts-mls/processMessages.js';
import { emptyPskIndex } from 'ts-mls/pskIndex.js';
import { isZero } from './bytes.ts';
import { type Change, checkChange, checkPathLeaf, readChange } from './change.ts';
import { type GroupState, type MlsContext, refuse } from './context.ts';
import type { Member, MlsRefusal, Refused } from './door.ts';
import { readIdentity } from './identity.ts';
import { openContent } from './private-message.ts';
import { dropForeignKeys, matchesTree } from './private-path.ts';
import { epochSecrets, forgetSecrets } from './spent.ts';
import { hasDistinctKeys } from './tree.ts';

export interface ProcessedCommit {
  readonly ok: true;
  readonly sender: Member;
  readonly change: Change;
  readonly next: ClientState;
  readonly spent: readonly Uint8Array[];
}

/**
 * Processes a commit of another member (RFC 9420 §12.4.2). Everything the wrapper can say is said before the library
 * touches the tree; the library then checks signature, path and confirmation tag, and asks the policy once more.
 */
export async function applyCommit(
  context: MlsContext,
  state: GroupState,
  message: MLSMessage,
): Promise<ProcessedCommit | Refused> {
  if (isZero(state.mls.keySchedule.initSecret)) throw new Error('this value of the group was erased');
  const opened = await openCommit(context, state, message);
  if (typeof opened === 'string') return refuse(opened);
  const { sender, commit } = opened;
  const change = readChange(commit);
  if (typeof change === 'string') return refuse(change);
  const refusal =
    (await checkChange(context, state, sender, change)) ??
    (await checkPathLeaf(context, state, sender, commit));
  if (refusal !== undefined) return refuse(refusal);
  const next = await runLibrary(context, state, message);
  if (typeof next === 'string') return refuse(next);
  const { ratchetTree, privatePath } = next;
  if (!hasDistinctKeys(ratchetTree)) return refuse('malformed');
  const matches = await matchesTree(context.suite, ratchetTree, privatePath, state.mls.privatePath);
  return matches
    ? { ok: true, sender, change, next, spent: epochSecrets(state.mls, next) }
    : refuse('malformed');
}

interface OpenedCommit {
  readonly sender: Member;
  readonly commit: Commit;
}

async function openCommit(
  context: MlsContext,
  state: GroupState,
  message: MLSMessage,
): Promise<OpenedCommit | MlsRefusal> {
  if (message.wireformat === 'mls_public_message')
    return openPublicCommit(context, state, message.publicMessage);
  if (message.wireformat !== 'mls_private_message') return 'malformed';
  const opened = await openContent(context, state, message.privateMessage);
  if (typeof opened === 'string') return opened;
  if (opened.content.contentType !== 'commit') return 'malformed';
  return { sender: opened.sender, commit: opened.content.commit };
}

/** Only the interoperability test gets here: elsewhere a PublicMessage is refused by its frame. */
async function openPublicCommit(
  { suite }: MlsContext,
  { mls, members }: GroupState,
  message: PublicMessage,
): Promise<OpenedCommit | MlsRefusal> {
  const { content } = message;
  if (content.sender.senderType !== 'member' || message.senderType !== 'member') return 'not_a_member';
  if (content.sender.leafIndex === mls.privatePath.leafIndex) return 'own_entry';
  const sender = members[content.sender.leafIndex];
  if (sender === undefined) return 'not_a_member';
  if (content.contentType !== 'commit') return 'policy';
  try {
    const { membershipKey } = mls.keySchedule;
    await unprotectPublicMessage(membershipKey, mls.groupContext, mls.ratchetTree, message, suite);
  } catch {
    return 'bad_signature';
  }
  return { sender, commit: content.commit };
}

async function runLibrary(
  context: MlsContext,
  state: GroupState,
  message: MLSMessage,
): Promise<ClientState | MlsRefusal> {
  const { mls } = state;
  const callback = (incoming: Parameters<typeof decide>[2]) => decide(context, state, incoming);
  try {
    const result =
      message.wireformat === 'mls_public_message'
        ? await processPublicMessage(mls, message.publicMessage, emptyPskIndex, context.suite, callback)
        : await processPrivateMessage(mls, asPrivate(message), emptyPskIndex, context.suite, callback);
    if (!('actionTaken' in result) || result.actionTaken === 'reject') return 'policy';
    const next = result.newState;
    const clean = { ...next, historicalReceiverData: new Map(), unappliedProposals: {} };
    if (next.groupActiveState.kind !== 'active') return forgetSecrets(clean);
    return { ...clean, privatePath: dropForeignKeys(next.ratchetTree, next.privatePath) };
  } catch (error) {
    if (error instanceof CryptoVerificationError) return 'bad_signature';
    return error instanceof CryptoError ? 'decrypt_failed' : 'malformed';
  }
}

function asPrivate(message: MLSMessage): PrivateMessage {
  if (message.wireformat !== 'mls_private_message') throw new Error('not a private message');
  return message.privateMessage;
}

/** The library's callback: the same policy over the proposals as the library reads them. */
function decide(
  context: MlsContext,
  state: GroupState,
  incoming:
    | { kind: 'commit'; senderLeafIndex: number | undefined; proposals: ProposalWithSender[] }
    | { kind: 'proposal'; proposal: ProposalWithSender },
): 'accept' | 'reject' {
  if (incoming.kind !== 'commit' || incoming.senderLeafIndex === undefined) return 'reject';
  const sender = state.members[incoming.senderLeafIndex];
  const proposals = incoming.proposals.map(({ proposal }) => ({
    proposalOrRefType: 'proposal' as const,
    proposal,
  }));
  const change = readChange({ proposals, path: undefined });
  if (sender === undefined || typeof change === 'string') return 'reject';
  const added = change.added.map(({ leafNode }) => readIdentity(leafNode)).filter((one) => one !== undefined);
  if (added.length !== change.added.length) return 'reject';
  const { settings, members } = state;
  return context.policy({ settings, members, sender, added, removed: change.removed }) ? 'accept' : 'reject';
}
