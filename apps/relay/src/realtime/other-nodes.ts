import type { Metrics } from '../metrics/metrics.ts';
import type { NewsStore } from '../store/news-store.ts';
import type { FanOut } from './fan-out.ts';
import type { Hint, Hints, LogHint } from './hints.ts';
import type { InboxFeeds } from './inbox-feeds.ts';
import type { Presence } from './presence.ts';
import type { ReadingQueue } from './reading-queue.ts';

/** What a node needs to know of others that share its store. */
export interface OtherNodes {
  readonly hints: Hints;
  readonly news: NewsStore;
}

export interface OtherNodesDeps extends OtherNodes {
  readonly fanOut: FanOut;
  readonly inboxFeeds: InboxFeeds;
  readonly queue: ReadingQueue;
  readonly presence: Presence;
  readonly metrics: Metrics | undefined;
  readonly report: (error: unknown) => void;
}

/** How often a node reads by itself while hints may go unheard. */
const UNHEARD_MS = 1000;
/** And else, for what no rule foresaw. */
const HEARD_MS = 60_000;
/** Logs, or inboxes, in one question. */
const TOGETHER = 250;

/**
 * Brings here what other nodes have written: by their hints, and by asking the store about all that somebody here waits for,
 * one question after the other. The answer stops it.
 */
export function hearOtherNodes(deps: OtherNodesDeps): () => void {
  const { hints, news, fanOut, inboxFeeds, queue, presence, metrics, report } = deps;
  let running: Promise<void> | undefined;
  let again = false;
  let stopped = false;
  let sinceLast = 0;

  const hear = (hint: Hint): void => {
    metrics?.hinted('heard');
    if (hint.kind === 'log') hearLog(hint);
    else if (hint.kind === 'inbox') inboxFeeds.hear(hint, hint.seq);
    else if (hint.device === undefined) presence.notifyAccount(hint.account, hint.name, hint.notice);
    else presence.notifyDevice(hint.account, hint.device, hint.name, hint.notice);
  };
  const hearLog = ({ log, seq, entries }: LogHint): void => {
    if (entries.length > 0) fanOut.publish(log, entries, undefined);
    if (entries.at(-1)?.seq !== seq) fanOut.hear(log, seq);
  };
  const lookAtAll = async (): Promise<void> => {
    await inParts(fanOut.listPositions(), async (part) => {
      for (const { log, seq } of await news.findLogNews(part)) fanOut.hear(log, seq);
    });
    await inParts(inboxFeeds.listPositions(), async (part) => {
      for (const found of await news.findInboxNews(part)) inboxFeeds.hear(found, found.seq);
    });
  };
  const inParts = async <T>(all: readonly T[], look: (part: readonly T[]) => Promise<void>) => {
    for (let from = 0; from < all.length && !stopped; from += TOGETHER) {
      await look(all.slice(from, from + TOGETHER));
    }
  };
  const look = async (): Promise<void> => {
    do {
      again = false;
      sinceLast = 0;
      // The store is away: the next look finds what this one did not.
      await lookAtAll().catch(report);
    } while (again && !stopped);
    running = undefined;
  };

  const timer = setInterval(() => {
    queue.retry();
    sinceLast += UNHEARD_MS;
    if (running === undefined && (!hints.reliable() || sinceLast >= HEARD_MS)) running = look();
  }, UNHEARD_MS);
  timer.unref();
  const unsubscribe = hints.subscribe((heard) => {
    if (heard !== 'missed') return hear(heard);
    // What was missed may be news since the look under way began.
    again = running !== undefined;
    running ??= look();
  });
  return () => {
    stopped = true;
    clearInterval(timer);
    unsubscribe();
  };
}
