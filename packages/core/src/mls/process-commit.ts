import type { ClientState, MLSMessage, PublicMessage } from 'ts-mls';
import type { AuthenticatedContent } from 'ts-mls/authenticatedContent.js';
import type { Commit } from 'ts-mls/commit.js';
import { unprotectPublicMessage } from 'ts-mls/messageProtectionPublic.js';
import { advanceEpoch } from './advance.ts';
import { isZero } from './bytes.ts';
import { type Change, checkChange, checkPathLeaf, readChange } from './change.ts';
import { type GroupState, type MlsContext, refuse } from './context.ts';
import type { Member, MlsRefusal, Refused } from './door.ts';
import { isUnambiguous } from './ed25519.ts';
import { openContent } from './private-message.ts';
import { epochSecrets } from './spent.ts';

export interface ProcessedCommit {
  readonly ok: true;
  readonly sender: Member;
  readonly change: Change;
  readonly next: ClientState;
  readonly spent: readonly Uint8Array[];
}

/**
 * Processes a commit of another member (RFC 9420 §12.4.2): who and what first, the policy, the credentials, and then the
 * tree. `state` stays as it was whatever the answer.
 */
export async function applyCommit(
  context: MlsContext,
  state: GroupState,
  message: MLSMessage,
): Promise<ProcessedCommit | Refused> {
  if (isZero(state.mls.keySchedule.initSecret)) throw new Error('this value of the group was erased');
  const opened = await openCommit(context, state, message);
  if (typeof opened === 'string') return refuse(opened);
  const { sender, commit, framed } = opened;
  if (!isUnambiguous(framed.auth.signature)) return refuse('bad_signature');
  const change = readChange(commit);
  if (typeof change === 'string') return refuse(change);
  const refusal =
    (await checkChange(context, state, sender, change)) ??
    (await checkPathLeaf(context, state, sender, commit));
  if (refusal !== undefined) return refuse(refusal);
  const next = await advanceEpoch(context, state.mls, { sender: sender.leaf, commit, framed });
  if (typeof next === 'string') return refuse(next);
  return { ok: true, sender, change, next, spent: epochSecrets(state.mls, next) };
}

interface OpenedCommit {
  readonly sender: Member;
  readonly commit: Commit;
  readonly framed: AuthenticatedContent;
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
  const { sender, content, framed } = opened;
  return { sender, commit: content.commit, framed };
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
    const { groupContext, ratchetTree } = mls;
    const framed = await unprotectPublicMessage(membershipKey, groupContext, ratchetTree, message, suite);
    return { sender, commit: content.commit, framed };
  } catch {
    return 'bad_signature';
  }
}
