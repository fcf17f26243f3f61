import type { Chat, ChatSnapshot } from '@sotto/core/page';
import { createContext, useContext, useSyncExternalStore } from 'react';
import type { Drafts } from './drafts.ts';
import type { Nudge } from './nudge.ts';
import type { Returning } from './returning.ts';
import type { ThemeChoice } from './theme.ts';
import type { ThreadPlaces } from './thread-places.ts';

/** What the composition root hands to every screen. */
export interface Page {
  readonly chat: Chat;
  readonly now: () => number;
  /** Hex of 16 fresh random bytes: the id of a message, stable from its first keystroke to the relay. */
  readonly newEntryId: () => string;
  readonly drafts: Drafts;
  readonly threadPlaces: ThreadPlaces;
  readonly theme: ThemeChoice;
  readonly returning: Returning;
  readonly nudge: Nudge;
  /** The invitation that the address of this page brought, base64url: whoever wrote the link chose it. */
  readonly invite: string | undefined;
}

const PageContext = createContext<Page | undefined>(undefined);

export const PageProvider = PageContext.Provider;

export function usePage(): Page {
  const page = useContext(PageContext);
  if (page === undefined) throw new Error('no page around this component');
  return page;
}

export function useSnapshot(): ChatSnapshot {
  const { chat } = usePage();
  return useSyncExternalStore(chat.subscribe, chat.snapshot);
}
