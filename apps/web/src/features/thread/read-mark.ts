import type { ConversationView } from '@sotto/core/page';
import { useEffect, useRef, useSyncExternalStore } from 'react';
import { usePage } from '../../chat/page-context.tsx';

function subscribeVisibility(listener: () => void): () => void {
  document.addEventListener('visibilitychange', listener);
  return () => document.removeEventListener('visibilitychange', listener);
}

/** Counts what was on screen as read, up to `seen`, while the page itself is in sight. */
export function useReadMark(conversation: ConversationView, seen: number): void {
  const { chat } = usePage();
  const visible = useSyncExternalStore(subscribeVisibility, () => document.visibilityState === 'visible');
  const marked = useRef(-1);
  const { key, unread, total } = conversation;
  useEffect(() => {
    if (!visible || unread === 0 || seen < total - unread || seen <= marked.current) return;
    marked.current = seen;
    chat.markRead({ conversation: key, index: seen }).catch(() => {
      // Only a count: the next line that is seen tries again.
      marked.current = -1;
    });
  }, [chat, key, unread, total, seen, visible]);
}
