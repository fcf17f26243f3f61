import { equalBytes } from './bytes.ts';
import type { GroupState } from './context.ts';

/**
 * Whether a tree may be the tree of a conversation with these settings: in a direct one every device is of one of the two
 * accounts. Commits are held to this by the policy; a Welcome skips the commits that led to its tree.
 */
export function conversationAllows({ settings, members }: GroupState): boolean {
  if (settings.kind === 'group') return true;
  return members.every(
    (member) =>
      member === undefined || settings.accounts.some((account) => equalBytes(account, member.account)),
  );
}
