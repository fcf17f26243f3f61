import { equalBytes } from './bytes.ts';
import type { ConversationSettings, Member } from './door.ts';
import type { LeafIdentity } from './identity.ts';

/** What a commit wants, as the committer and every receiver see it before the commit is applied. */
interface ProposedChange {
  readonly settings: ConversationSettings;
  /** By leaf index, undefined where blank. */
  readonly members: readonly (Member | undefined)[];
  readonly sender: Member;
  readonly added: readonly LeafIdentity[];
  readonly removed: readonly number[];
}

/** True when the conversation allows the change. Pure: every client must answer alike, or the group forks. */
export type Policy = (change: ProposedChange) => boolean;

/**
 * Direct: any member may add or remove devices of the two accounts, nobody else joins. Group, until admins exist: member
 * accounts may gain devices, nothing else.
 */
export const conversationPolicy: Policy = (change) => {
  const { settings, members, sender, added, removed } = change;
  if (members[sender.leaf] === undefined || removed.includes(sender.leaf)) return false;
  if (removed.some((leaf) => members[leaf] === undefined)) return false;
  if (new Set(removed).size !== removed.length) return false;
  if (settings.kind === 'direct') {
    return added.every(({ account }) => settings.accounts.some((known) => equalBytes(known, account)));
  }
  if (removed.length > 0) return false;
  return added.every(({ account }) =>
    members.some((member) => member && equalBytes(member.account, account)),
  );
};
