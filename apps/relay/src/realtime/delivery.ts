import type { Clock } from '../clock.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { InboxStore } from '../store/inbox-store.ts';
import type { LogStore } from '../store/log-store.ts';
import { createFanOut, type FanOut, type FanOutDeps } from './fan-out.ts';
import type { Hint } from './hints.ts';
import { createInboxFeeds, createLocalInboxFeeds, type InboxFeeds } from './inbox-feeds.ts';
import { createLogFeeds } from './log-feeds.ts';
import { hearOtherNodes, type OtherNodes } from './other-nodes.ts';
import type { Presence } from './presence.ts';
import { createReadingQueue } from './reading-queue.ts';

export interface DeliveryDeps {
  readonly logs: LogStore;
  readonly inboxes: InboxStore;
  readonly presence: Presence;
  readonly clock: Clock;
  readonly metrics: Metrics | undefined;
  readonly report: (error: unknown) => void;
}

/** How what is new comes to who waits for it, here and on other nodes. */
export interface Delivery {
  readonly fanOut: FanOut;
  readonly inboxFeeds: InboxFeeds;
  readonly tellOthers: (hint: Hint) => void;
  stop(): void;
}

/** For a node that is alone with its store: what it did not write itself is not there. */
export function deliverAlone({ presence, clock, metrics }: DeliveryDeps): Delivery {
  return {
    fanOut: createFanOut(measureFrames(metrics, clock)),
    inboxFeeds: createLocalInboxFeeds(presence.notifyDevice),
    tellOthers() {},
    stop() {},
  };
}

/** For one of several nodes that share a store. */
export function deliverAmong({ hints, news }: OtherNodes, deps: DeliveryDeps): Delivery {
  const { logs, inboxes, presence, clock, metrics, report } = deps;
  const { notifyDevice } = presence;
  const queue = createReadingQueue(report);
  const openFeed = createLogFeeds(logs, queue, (entries) => metrics?.readOn(entries));
  const fanOut = createFanOut({ ...measureFrames(metrics, clock), openFeed });
  const inboxFeeds = createInboxFeeds({ inboxes, queue, notifyDevice, clock });
  const stop = hearOtherNodes({ hints, news, fanOut, inboxFeeds, queue, presence, report, metrics });
  return {
    fanOut,
    inboxFeeds,
    stop,
    tellOthers(hint) {
      metrics?.hinted('told');
      hints.publish(hint);
    },
  };
}

function measureFrames(metrics: Metrics | undefined, clock: Clock): Pick<FanOutDeps, 'onFrame'> {
  if (metrics === undefined) return {};
  return {
    onFrame: (entries, readers) => metrics.delivered(readers, (clock() - (entries[0]?.time ?? 0)) / 1000),
  };
}
