import type { ChatSnapshot, ConversationView, MessageView, SessionView } from '@sotto/core/page';
import { ALICE } from './story-lines.ts';

export type StoryName =
  | 'signed-out'
  | 'with-mail'
  | 'mail-required'
  | 'invite-only'
  | 'closed'
  | 'starting'
  | 'locked'
  | 'empty'
  | 'story'
  | 'shared'
  | 'offline'
  | 'alarm'
  | 'tampered'
  | 'account-alarm'
  | 'ended'
  | 'ended-factors'
  | 'notices'
  | 'secured'
  | 'app-lock'
  | 'deleted-contact'
  | 'long';

export interface Thread {
  readonly view: ConversationView;
  readonly lines: readonly MessageView[];
}

/** What the verbs of a story share: its state, and the way to change it. */
export interface Stage {
  readonly story: StoryName;
  readonly snapshot: () => ChatSnapshot;
  readonly threads: Map<string, Thread>;
  /** What the page said, for tests to look at. */
  readonly told: Record<string, unknown>[];
  readonly publish: (change: Partial<ChatSnapshot>) => void;
  readonly change: (key: string, update: (thread: Thread) => Thread) => void;
}

/** A millisecond or so, as a worker would take. */
export const reply = () => new Promise<void>((resolve) => setTimeout(resolve, 2));

export function signedInAs(
  username: string,
  shared: boolean | undefined,
): Extract<SessionView, { state: 'signed_in' }> {
  return {
    state: 'signed_in',
    account: ALICE,
    username,
    device: '9c027b1e44',
    ready: true,
    shared: shared === true,
    lockMinutes: undefined,
  };
}
