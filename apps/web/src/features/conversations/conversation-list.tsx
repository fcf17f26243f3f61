import type { ConversationView } from '@sotto/core/page';
import { Button as AriaButton } from 'react-aria-components';
import { usePage } from '../../chat/page-context.tsx';
import { clockText, listTimeText } from '../../chat/times.ts';
import { Avatar } from '../../components/avatar.tsx';
import { Icon } from '../../components/icon.tsx';
import './conversation-list.css';

interface ConversationListProps {
  readonly conversations: readonly ConversationView[];
  readonly open: string | undefined;
  readonly onOpen: (key: string) => void;
}

/** Everybody I talk with, newest activity first. */
export function ConversationList({ conversations, open, onOpen }: ConversationListProps) {
  return (
    <ul className="conversations" aria-label="Conversations">
      {conversations.map((conversation) => (
        <li key={conversation.key}>
          <ConversationLine
            conversation={conversation}
            isOpen={conversation.key === open}
            onOpen={() => onOpen(conversation.key)}
          />
        </li>
      ))}
    </ul>
  );
}

interface ConversationLineProps {
  readonly conversation: ConversationView;
  readonly isOpen: boolean;
  readonly onOpen: () => void;
}

function ConversationLine({ conversation, isOpen, onOpen }: ConversationLineProps) {
  const { now, drafts } = usePage();
  const { peer, unread, blocked } = conversation;
  const newest = conversation.queued.at(-1) ?? conversation.last;
  const draft = isOpen ? '' : drafts.read(conversation.key);
  return (
    <AriaButton
      className={unread > 0 ? 'conversation conversation-unread' : 'conversation'}
      aria-current={isOpen ? 'true' : 'false'}
      onPress={onOpen}
    >
      <Avatar account={peer.account} name={peer.username} />
      <span className="conversation-name">
        {peer.username}
        {peer.verified ? (
          <span className="verified-mark">
            <Icon name="shieldCheck" size={15} />
            <span className="unseen"> verified</span>
          </span>
        ) : null}
      </span>
      {newest === undefined ? null : (
        <time
          className="conversation-time"
          dateTime={new Date(newest.time).toISOString()}
          title={clockText(newest.time)}
        >
          {listTimeText(newest.time, now())}
        </time>
      )}
      <span className="conversation-last">
        {blocked ? (
          <span className="conversation-warning">Needs your decision</span>
        ) : (
          lastLine(conversation, draft)
        )}
      </span>
      {unread > 0 ? (
        <span className="unread">
          {unread > 99 ? '99+' : unread}
          <span className="unseen"> unread</span>
        </span>
      ) : null}
    </AriaButton>
  );
}

function lastLine(conversation: ConversationView, draft: string) {
  if (conversation.peer.closed) return <em>Deleted their account</em>;
  if (draft !== '') return <em>Draft: {draft}</em>;
  const newest = conversation.queued.at(-1) ?? conversation.last;
  if (newest === undefined) return <em>Nothing said yet</em>;
  if (newest.kind === 'notice')
    return <em>{`${newest.mine ? 'You' : conversation.peer.username} ${newest.text}`}</em>;
  if (newest.kind === 'gap') return <em>Something is missing here</em>;
  return newest.mine ? `You: ${newest.text}` : newest.text;
}
