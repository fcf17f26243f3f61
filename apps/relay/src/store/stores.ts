import type { AccountStores } from './account-stores.ts';
import type { InboxStore } from './inbox-store.ts';
import type { LogStore } from './log-store.ts';
import type { NewsStore } from './news-store.ts';

/** All that a relay keeps. */
export interface Stores {
  readonly accountStores: AccountStores;
  readonly logs: LogStore;
  readonly inboxes: InboxStore;
  /** Of logs and inboxes, where other relays may write to them as well. */
  readonly news?: NewsStore;
}
