import type { AccountStores } from './account-stores.ts';
import type { InboxStore } from './inbox-store.ts';
import type { LogStore } from './log-store.ts';
import type { TicketStore } from './ticket-store.ts';

/** All that a relay keeps. */
export interface Stores {
  readonly accountStores: AccountStores;
  readonly tickets: TicketStore;
  readonly logs: LogStore;
  readonly inboxes: InboxStore;
}
