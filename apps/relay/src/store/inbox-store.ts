import type { AccountId, DeviceId, InboxItem } from '@sotto/protocol';
import type { Done, InboxDelivery, Refused } from './log-store.ts';

/** Whose inbox. */
export interface InboxAddress {
  readonly account: AccountId;
  readonly device: DeviceId;
}

/**
 * One inbox for each device. Items are Welcomes that the relay cannot open; it keeps the day they expire and no time.
 * Positions grow and are never used twice, whatever was trimmed. Storage trouble is a value, as in `LogStore`.
 */
export interface InboxStore {
  /** `inbox_full` when it holds `LIMITS.inboxItems` that have not expired. `today` counts days since 1970. */
  appendItem(delivery: InboxDelivery, today: number): Promise<ItemAppended | Refused<'inbox_full'>>;
  /** Items after `after` that have not expired, oldest first, as many as one run holds. */
  readItems(address: InboxAddress, after: number, today: number): Promise<ItemsRead | Refused<never>>;
  /** Drops items up to and including `upTo`. */
  trimItems(address: InboxAddress, upTo: number): Promise<Done | Refused<never>>;
  /** Drops what expired before `today`. Answers how many. */
  expireItems(today: number): Promise<number>;
}

export interface ItemAppended {
  readonly ok: true;
  readonly seq: number;
}

export interface ItemsRead {
  readonly ok: true;
  readonly items: readonly InboxItem[];
}

/** Bytes that an item takes in a run: what `encodeInboxRun` writes before each body, and the body. */
export function inboxItemSize(item: Pick<InboxItem, 'body'>): number {
  return 16 + item.body.length;
}
