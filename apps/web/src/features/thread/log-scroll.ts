import { type ReactVirtualizer, useVirtualizer } from '@tanstack/react-virtual';
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { usePage } from '../../chat/page-context.tsx';
import { createHand } from './hand.ts';

const ESTIMATED_LINE = 44;
/** Closer to the end than this, in pixels, a thread stays at its end when it grows. */
const NEAR_END = 80;
/** Fewer new lines than this fit on a screen: the thread then opens at its end. */
const FIT_ON_SCREEN = 8;

interface LogScrollOptions {
  readonly conversation: string;
  /** Lines and queued messages together. */
  readonly count: number;
  readonly unreadFrom: number | undefined;
  /** Id of the newest own message that waits: writing brings the end into sight. */
  readonly newestQueued: string | undefined;
}

interface LogScroll {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly lines: RefObject<HTMLDivElement | null>;
  readonly virtualizer: ReactVirtualizer<HTMLDivElement, HTMLDivElement>;
  readonly atEnd: boolean;
  /** How many there were when the end left sight. */
  readonly countAtLeaving: number | undefined;
  readonly onScroll: () => void;
  readonly goToEnd: () => void;
}

/** Which lines stand in the document, and where the thread is scrolled: at its end, or where the person left it. */
export function useLogScroll(options: LogScrollOptions): LogScroll {
  const { conversation, count, unreadFrom, newestQueued } = options;
  const { threadPlaces } = usePage();
  const scroller = useRef<HTMLDivElement>(null);
  const lines = useRef<HTMLDivElement>(null);
  const [opening] = useState(() => ({ place: threadPlaces.get(conversation), count, unreadFrom }));
  const { sticks, countAtLeaving, onScroll, goToEnd } = useEnd(scroller, lines, count);

  const virtualizer = useVirtualizer<HTMLDivElement, HTMLDivElement>({
    count,
    getScrollElement: useCallback(() => scroller.current, []),
    estimateSize: useCallback(() => ESTIMATED_LINE, []),
    overscan: 8,
    paddingStart: 20,
    paddingEnd: 12,
    anchorTo: 'end',
    directDomUpdates: true,
    initialMeasurementsCache: [...(opening.place?.measured ?? [])],
    initialOffset: opening.place?.offset ?? Math.max(0, count * ESTIMATED_LINE),
  });

  useLayoutEffect(() => {
    const { place, count: lineCount, unreadFrom: unread } = opening;
    sticks.current = false;
    if (place !== undefined) virtualizer.scrollToOffset(place.offset);
    else if (unread !== undefined && lineCount - unread > FIT_ON_SCREEN) {
      virtualizer.scrollToIndex(unread, { align: 'start' });
    } else goToEnd();
  }, [virtualizer, opening, sticks, goToEnd]);
  useLayoutEffect(
    () => () => {
      if (sticks.current) threadPlaces.delete(conversation);
      else {
        const measured = virtualizer.takeSnapshot();
        threadPlaces.set(conversation, { offset: virtualizer.scrollOffset ?? 0, measured });
      }
    },
    [virtualizer, threadPlaces, conversation, sticks],
  );
  useEffect(() => {
    if (newestQueued !== undefined) goToEnd();
  }, [newestQueued, goToEnd]);

  return {
    scroller,
    lines,
    virtualizer,
    atEnd: countAtLeaving === undefined,
    countAtLeaving,
    onScroll,
    goToEnd,
  };
}

/**
 * Keeps the end in sight while the person has not scrolled away from it, whatever grows or shrinks: lines that are
 * measured, a message that comes, a composer of three lines, a keyboard that rises.
 */
function useEnd(
  scroller: RefObject<HTMLDivElement | null>,
  lines: RefObject<HTMLDivElement | null>,
  count: number,
) {
  const sticks = useRef(true);
  const last = useRef({ top: 0, height: 0 });
  const [hand] = useState(() => createHand(() => performance.now()));
  const [countAtLeaving, setCountAtLeaving] = useState<number>();

  const onScroll = useCallback(() => {
    const element = scroller.current;
    if (element === null) return;
    const { scrollTop, scrollHeight, clientHeight } = element;
    // Lines above that turn out smaller than estimated move both; a hand moves only the first. Under load the two numbers are
    // of different moments, so that without a hand nothing counts as leaving.
    const shrunk = Math.max(0, last.current.height - scrollHeight);
    const wentUp = last.current.top - scrollTop > shrunk + 1;
    const isNear = scrollHeight - scrollTop - clientHeight <= NEAR_END;
    last.current = { top: scrollTop, height: scrollHeight };
    if (isNear) sticks.current = true;
    else if (wentUp && hand.isOnLog()) sticks.current = false;
    setCountAtLeaving((before) => (sticks.current ? undefined : (before ?? count)));
  }, [scroller, count, hand]);

  const pin = useCallback(() => {
    const element = scroller.current;
    if (element === null || !sticks.current) return;
    element.scrollTop = element.scrollHeight;
    last.current = { top: element.scrollTop, height: element.scrollHeight };
  }, [scroller]);
  const goToEnd = useCallback(() => {
    sticks.current = true;
    setCountAtLeaving(undefined);
    pin();
  }, [pin]);

  useEffect(() => {
    const element = scroller.current;
    if (element === null || lines.current === null) return;
    const observer = new ResizeObserver(pin);
    observer.observe(element);
    observer.observe(lines.current);
    const unwatch = hand.watch(element);
    return () => {
      unwatch();
      observer.disconnect();
    };
  }, [scroller, lines, pin, hand]);

  return { sticks, countAtLeaving, onScroll, goToEnd };
}
