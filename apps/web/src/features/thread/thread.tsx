import type { ConversationView, MessageView } from '@sotto/core/page';
import { useCallback, useEffect, useLayoutEffect, useState, useSyncExternalStore } from 'react';
import { usePage } from '../../chat/page-context.tsx';
import { Button } from '../../components/button.tsx';
import { Icon } from '../../components/icon.tsx';
import { Announcement } from './announcement.tsx';
import { createLineCache } from './line-cache.ts';
import { LineRow } from './line-row.tsx';
import { firstUnread } from './lines.ts';
import { useLogScroll } from './log-scroll.ts';
import { useReadMark } from './read-mark.ts';
import './thread.css';

/** The log of one conversation. Give it the conversation's key as React key: its caches belong to one thread. */
export function Thread({ conversation }: { readonly conversation: ConversationView }) {
  const { now } = usePage();
  const { key, total, queued, peer } = conversation;
  const [unreadFrom] = useState(() => firstUnread(conversation));
  const count = total + queued.length;
  const { scroller, lines, virtualizer, atEnd, countAtLeaving, onScroll, goToEnd } = useLogScroll({
    conversation: key,
    count,
    unreadFrom,
    newestQueued: queued.at(-1)?.id,
  });
  const items = virtualizer.getVirtualItems();
  const lineAt = useLines(conversation, items[0]?.index ?? 0, items.at(-1)?.index ?? 0);
  useReadMark(conversation, atEnd ? total - 1 : Math.min(total - 1, virtualizer.range?.endIndex ?? -1));

  const { containerRef } = virtualizer;
  const holdLines = useCallback(
    (element: HTMLDivElement | null) => {
      lines.current = element;
      containerRef(element);
    },
    [lines, containerRef],
  );
  const today = now();
  return (
    <div className="thread">
      <div
        ref={scroller}
        className="log"
        role="log"
        aria-label="Messages"
        aria-live="off"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
        tabIndex={0}
        onScroll={onScroll}
      >
        {count === 0 ? <EmptyThread peerName={peer.username} /> : null}
        <div ref={holdLines} className="log-lines">
          {items.map(({ index, key: rowKey }) => (
            <div key={rowKey} ref={virtualizer.measureElement} data-index={index} className="log-line">
              <LineRow
                line={lineAt(index)}
                before={lineAt(index - 1)}
                after={lineAt(index + 1)}
                isFirst={index === 0}
                startsUnread={index === unreadFrom}
                deliveredUpTo={conversation.deliveredUpTo}
                peerName={peer.username}
                now={today}
              />
            </div>
          ))}
        </div>
      </div>
      {atEnd ? null : <JumpToEnd missed={count - (countAtLeaving ?? count)} onPress={goToEnd} />}
      <Announcement conversation={conversation} />
    </div>
  );
}

/** What stands at a place of the thread, queued messages after the lines; reads what `first` … `last` lacks. */
function useLines(
  conversation: ConversationView,
  first: number,
  last: number,
): (index: number) => MessageView | undefined {
  const { chat } = usePage();
  const [cache] = useState(() => createLineCache(chat.readMessages, conversation));
  const version = useSyncExternalStore(cache.subscribe, cache.version);
  useLayoutEffect(() => cache.follow(conversation), [cache, conversation]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new version may have outdated what is shown
  useEffect(() => cache.want(first - 1, last + 2), [cache, first, last, version]);
  const { total, queued } = conversation;
  return (index) => (index < total ? cache.line(index) : queued[index - total]);
}

function EmptyThread({ peerName }: { readonly peerName: string }) {
  return <p className="thread-empty">Say something. Only {peerName} and you will ever read it.</p>;
}

function JumpToEnd({ missed, onPress }: { readonly missed: number; readonly onPress: () => void }) {
  const text = missed <= 0 ? 'Newest' : missed === 1 ? '1 new message' : `${missed} new messages`;
  return (
    <Button look="quiet" extraClass="jump" onPress={onPress}>
      <Icon name="down" size={18} />
      {text}
    </Button>
  );
}
