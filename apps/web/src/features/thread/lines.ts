import type { ConversationView, MessageState, MessageView } from '@sotto/core/page';
import { dayOf } from '../../chat/times.ts';

/** Messages of one sender closer than this stand together, in milliseconds. */
const TOGETHER = 5 * 60 * 1000;

/** How a line stands to its neighbours. */
export interface LineShape {
  readonly startsDay: boolean;
  readonly startsGroup: boolean;
  readonly endsGroup: boolean;
}

function belongTogether(earlier: MessageView, later: MessageView): boolean {
  return (
    earlier.kind === 'text' &&
    later.kind === 'text' &&
    earlier.sender === later.sender &&
    later.time - earlier.time < TOGETHER &&
    dayOf(earlier.time) === dayOf(later.time)
  );
}

/** Neighbours that are not loaded yet count as strangers of the same day, so that no day is announced by accident. */
export function shapeLine(
  before: MessageView | undefined,
  line: MessageView,
  after: MessageView | undefined,
  isFirst: boolean,
): LineShape {
  return {
    startsDay: isFirst || (before !== undefined && dayOf(before.time) !== dayOf(line.time)),
    startsGroup: before === undefined || !belongTogether(before, line),
    endsGroup: after === undefined || !belongTogether(line, after),
  };
}

/** What to show for a line now: `delivered` is kept per conversation as one index, not per line. */
export function lineState(line: MessageView, deliveredUpTo: number): MessageState {
  if (line.mine && line.state === 'sent' && line.index !== undefined && line.index <= deliveredUpTo) {
    return 'delivered';
  }
  return line.state;
}

/** A notice as a sentence: the core says what, the page says who. */
export function noticeText({ mine, text }: MessageView, peerName: string): string {
  return `${mine ? 'You' : peerName} ${text}`;
}

/** The index of the first unread line, when the unread ones are the newest lines of the thread. */
export function firstUnread(conversation: ConversationView): number | undefined {
  if (conversation.unread === 0 || conversation.unread > conversation.total) return undefined;
  return conversation.total - conversation.unread;
}
