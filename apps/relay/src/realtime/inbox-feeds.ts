import { type AccountId, type DeviceId, encodeInboxRun, type InboxItem } from '@sotto/protocol';
import type { Clock } from '../clock.ts';
import type { InboxAddress, InboxStore } from '../store/inbox-store.ts';
import { dayOf } from '../store/log-rules.ts';
import type { InboxPosition } from '../store/news-store.ts';
import { createFeed, type Feed } from './feed.ts';
import type { NotifyDevice } from './handlers.ts';
import { deviceKey } from './presence.ts';
import type { ReadingQueue } from './reading-queue.ts';

/** Brings new items to devices that are connected here. */
export interface InboxFeeds {
  /** A connection of a device came. */
  enter(address: InboxAddress): void;
  /** One went. */
  leave(address: InboxAddress): void;
  /** The device knows its inbox up to `seq`: by its word, which nobody else hangs on. */
  read(address: InboxAddress, seq: number): void;
  /** An item that was put down here. */
  bring(address: InboxAddress, item: InboxItem): void;
  /** Something is said to lie at `seq`. Means something where other nodes deliver as well. */
  hear(address: InboxAddress, seq: number): void;
  /** How far each device that is connected here knows its inbox. */
  listPositions(): InboxPosition[];
}

interface ConnectedDevice {
  readonly account: AccountId;
  readonly device: DeviceId;
  connections: number;
  readonly feed: Feed<InboxItem>;
}

/** For a node that puts down every item itself. */
export function createLocalInboxFeeds(notifyDevice: NotifyDevice): InboxFeeds {
  const none = () => {};
  return {
    enter: none,
    leave: none,
    read: none,
    hear: none,
    listPositions: () => [],
    bring: (address, item) => notifyItems(notifyDevice, address, [item]),
  };
}

export interface InboxFeedsDeps {
  readonly inboxes: Pick<InboxStore, 'readItems'>;
  readonly queue: ReadingQueue;
  readonly notifyDevice: NotifyDevice;
  readonly clock: Clock;
}

/** For nodes that share a store. */
export function createInboxFeeds({ inboxes, queue, notifyDevice, clock }: InboxFeedsDeps): InboxFeeds {
  const devices = new Map<string, ConnectedDevice>();
  const find = ({ account, device }: InboxAddress) => devices.get(deviceKey(account, device));

  const open = ({ account, device }: InboxAddress): ConnectedDevice => {
    const address = { account, device };
    const feed = createFeed<InboxItem>({
      queue,
      deliver: (items) => notifyItems(notifyDevice, address, items),
      async read(after) {
        const outcome = await inboxes.readItems(address, after, dayOf(clock()));
        return outcome.ok ? outcome.items : undefined;
      },
    });
    return { ...address, connections: 0, feed };
  };

  return {
    enter(address) {
      const held = find(address) ?? open(address);
      held.connections += 1;
      devices.set(deviceKey(address.account, address.device), held);
    },
    leave(address) {
      const held = find(address);
      if (held === undefined) return;
      held.connections -= 1;
      if (held.connections > 0) return;
      devices.delete(deviceKey(address.account, address.device));
      held.feed.close();
    },
    read: (address, seq) => find(address)?.feed.start(seq),
    bring(address, item) {
      const feed = find(address)?.feed;
      if (feed !== undefined) notifyItems(notifyDevice, address, feed.take([item]));
    },
    hear(address, seq) {
      const feed = find(address)?.feed;
      // A device that has not read yet will find the rest when it does.
      if (feed?.position === undefined) feed?.start(seq - 1);
      feed?.hear(seq);
    },
    listPositions: () =>
      [...devices.values()].flatMap(({ account, device, feed }) =>
        feed.position === undefined ? [] : [{ account, device, seq: feed.position }],
      ),
  };
}

function notifyItems(
  notifyDevice: NotifyDevice,
  { account, device }: InboxAddress,
  items: readonly InboxItem[],
): void {
  if (items.length > 0) notifyDevice(account, device, 'inbox:items', { run: encodeInboxRun(items) });
}
