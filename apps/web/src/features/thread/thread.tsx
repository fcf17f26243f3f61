import type { ConversationView } from '@sotto/core/page';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useLayoutEffect, useRef, useState, useSyncExternalStore } from 'react';
import { usePage } from '../../chat/page-context.tsx';
import { Button } from '../../components/button.tsx';
import { Icon } from '../../components/icon.tsx';
import { createLineCache } from './line-cache.ts';
import { LineRow } from './line-row.tsx';
import { firstUnread } from './lines.ts';
import { useReadMark } from './read-mark.ts';
import './thread.css';

const ESTIMATED_LINE = 44;
/** Closer to the end than this, in pixels, new lines keep the thread at its end. */
const NEAR_END = 80;

/** The log of one conversation. Give it the conversation's key as React key: its caches belong to one thread. */
export function Thread({ conversation }: { readonly conversation: ConversationView }) {
  const { chat, now, threadPlaces } = usePage();
  const { key, total, queued, peer } = conversation;
  const scroller = useRef<HTMLDivElement>(null);
  const [cache] = useState(() => createLineCache(chat.readMessages, conversation));
  const [place] = useState(() => threadPlaces.get(key));
  const [unreadFrom] = useState(() => firstUnread(conversation));
  const version = useSyncExternalStore(cache.subscribe, cache.version);
  const count = total + queued.length;

  const virtualizer = useVirtualizer<HTMLDivElement, HTMLDivElement>({
    count,
    getScrollElement: useCallback(() => scroller.current, []),
    estimateSize: useCallback(() => ESTIMATED_LINE, []),
    overscan: 12,
    paddingStart: 20,
    paddingEnd: 12,
    anchorTo: 'end',
    followOnAppend: true,
    scrollEndThreshold: NEAR_END,
    directDomUpdates: true,
    initialMeasurementsCache: place === undefined ? [] : [...place.measured],
    initialOffset: place?.offset ?? Math.max(0, count * ESTIMATED_LINE),
  });
  const { atEnd, measureEnd, missed } = useEnd(scroller, total);
  const items = virtualizer.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;

  useLayoutEffect(() => cache.follow(conversation), [cache, conversation]);
  useEffect(() => cache.want(first - 1, last + 2), [cache, first, last, version, total]);
  useLayoutEffect(() => {
    if (place !== undefined) virtualizer.scrollToOffset(place.offset);
    else if (unreadFrom !== undefined && total - unreadFrom > 8)
      virtualizer.scrollToIndex(unreadFrom, { align: 'start' });
    else virtualizer.scrollToEnd();
    return () => {
      if (virtualizer.isAtEnd(NEAR_END)) threadPlaces.delete(key);
      else
        threadPlaces.set(key, {
          offset: virtualizer.scrollOffset ?? 0,
          measured: virtualizer.takeSnapshot(),
        });
    };
    // Only when the thread opens and closes.
    // biome-ignore lint/correctness/useExhaustiveDependencies: the place is restored once
  }, [virtualizer]);
  const newestQueued = queued.at(-1)?.id;
  useEffect(() => {
    if (newestQueued !== undefined) virtualizer.scrollToEnd();
  }, [virtualizer, newestQueued]);
  useStayAtEnd(scroller, atEnd, virtualizer.scrollToEnd);
  useReadMark(conversation, atEnd ? total - 1 : Math.min(total - 1, virtualizer.range?.endIndex ?? -1));

  const lineAt = (index: number) => (index < total ? cache.line(index) : queued[index - total]);
  const today = now();
  return (
    <div className="thread">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <div
        ref={scroller}
        className="log"
        role="log"
        aria-label="Messages"
        aria-live="off"
        tabIndex={0}
        onScroll={measureEnd}
      >
        {count === 0 ? (
          <p className="thread-empty">Say something. Only {peer.username} and you will ever read it.</p>
        ) : null}
        <div ref={virtualizer.containerRef} className="log-lines">
          {items.map(({ index, key: rowKey }) => (
            <div key={rowKey} ref={virtualizer.measureElement} data-index={index} className="log-line">
              <LineRow
                line={lineAt(index)}
                before={index > 0 ? lineAt(index - 1) : undefined}
                after={index + 1 < count ? lineAt(index + 1) : undefined}
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
      {atEnd ? null : (
        <Button look="quiet" extraClass="jump" onPress={() => virtualizer.scrollToEnd()}>
          <Icon name="down" size={18} />
          {missed === 0 ? 'Newest' : missed === 1 ? '1 new message' : `${missed} new messages`}
        </Button>
      )}
      <Announcement conversation={conversation} />
    </div>
  );
}

/** Whether the end is in sight, and how many lines came since it was not. */
function useEnd(scroller: React.RefObject<HTMLDivElement | null>, total: number) {
  const [leftAt, setLeftAt] = useState<number>();
  const measureEnd = useCallback(() => {
    const element = scroller.current;
    if (element === null) return;
    const distance = element.scrollHeight - element.scrollTop - element.clientHeight;
    setLeftAt((before) => (distance <= NEAR_END ? undefined : (before ?? total)));
  }, [scroller, total]);
  return {
    atEnd: leftAt === undefined,
    measureEnd,
    missed: leftAt === undefined ? 0 : Math.max(0, total - leftAt),
  };
}

/** A keyboard that rises or a composer that grows must not cover the newest line. */
function useStayAtEnd(
  scroller: React.RefObject<HTMLDivElement | null>,
  atEnd: boolean,
  scrollToEnd: () => void,
): void {
  useEffect(() => {
    const element = scroller.current;
    if (element === null || !atEnd) return;
    let height = element.clientHeight;
    const observer = new ResizeObserver(() => {
      if (element.clientHeight !== height) scrollToEnd();
      height = element.clientHeight;
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [scroller, atEnd, scrollToEnd]);
}

/** Only what arrives is read aloud: lines that scroll into view are not news. */
function Announcement({ conversation }: { readonly conversation: ConversationView }) {
  const { last, peer } = conversation;
  const [opened] = useState(last?.id);
  const isNews = last !== undefined && last.id !== opened && !last.mine;
  return (
    <p className="unseen" aria-live="polite">
      {isNews ? `${last.kind === 'text' ? `${peer.username}: ` : ''}${last.text}` : ''}
    </p>
  );
}
