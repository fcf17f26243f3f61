import type { InboxStore } from '../store/inbox-store.ts';
import type { LogStore } from '../store/log-store.ts';
import type { Metrics, StoreOperation } from './metrics.ts';

type StoreMetrics = Pick<Metrics, 'appended' | 'stored' | 'storeAnswered'>;

/** The same logs, timed and counted. */
export function measureLogs(logs: LogStore, metrics: StoreMetrics): LogStore {
  const time = createTimer(metrics);
  const countTogether = createBatchCount(metrics.stored);
  return {
    createLog: (request) => time('create', logs.createLog(request)),
    async appendMessage(request) {
      const outcome = await time('message', logs.appendMessage(request));
      if (outcome.ok && !outcome.again) {
        metrics.appended('message');
        countTogether();
      }
      return outcome;
    },
    async appendCommit(request) {
      const outcome = await time('commit', logs.appendCommit(request));
      if (outcome.ok && !outcome.again) {
        metrics.appended('commit');
        countTogether();
      }
      return outcome;
    },
    readEntries: (request) => time('read', logs.readEntries(request)),
    expireEntries: (now) => logs.expireEntries(now),
    close: () => logs.close(),
  };
}

/** The same inboxes, timed. */
export function measureInboxes(inboxes: InboxStore, metrics: StoreMetrics): InboxStore {
  const time = createTimer(metrics);
  return {
    appendItem: (delivery, today) => time('inbox_append', inboxes.appendItem(delivery, today)),
    readItems: (address, after, today) => time('inbox_read', inboxes.readItems(address, after, today)),
    trimItems: (address, upTo) => time('inbox_trim', inboxes.trimItems(address, upTo)),
    expireItems: (today) => inboxes.expireItems(today),
  };
}

function createTimer({ storeAnswered }: StoreMetrics) {
  return async <T>(operation: StoreOperation, answer: Promise<T>): Promise<T> => {
    const start = performance.now();
    try {
      return await answer;
    } finally {
      storeAnswered(operation, (performance.now() - start) / 1000);
    }
  };
}

/** Answers that come in one turn of the event loop became durable together. */
function createBatchCount(stored: (entries: number) => void): () => void {
  let count = 0;
  return () => {
    // A tick scheduled among promises runs when they are done.
    if (count === 0) {
      process.nextTick(() => {
        stored(count);
        count = 0;
      });
    }
    count += 1;
  };
}
