import { type Entry, LIMITS } from '@sotto/protocol';
import type { LogStore } from '../store/log-store.ts';
import type { FanOutDeps } from './fan-out.ts';
import { createFeed } from './feed.ts';
import type { ReadingQueue } from './reading-queue.ts';

/** Feeds of logs that are followed here. They read under the token that a follower showed, so no further than it does. */
export function createLogFeeds(
  logs: Pick<LogStore, 'readEntries'>,
  queue: ReadingQueue,
  onRead: (entries: number) => void,
): NonNullable<FanOutDeps['openFeed']> {
  return ({ log, epoch, shownHash }, deliver) => {
    const read = async (after: number): Promise<readonly Entry[] | undefined> => {
      const outcome = await logs.readEntries({ log, epoch, shownHash, after, limit: LIMITS.runEntries });
      if (outcome.ok) {
        onRead(outcome.entries.length);
        return outcome.entries;
      }
      return outcome.code === 'unavailable' || outcome.code === 'storage_full' ? undefined : [];
    };
    return createFeed({ queue, read, deliver });
  };
}
