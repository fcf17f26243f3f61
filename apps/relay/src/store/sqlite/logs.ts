import { Worker } from 'node:worker_threads';
import type { InboxStore } from '../inbox-store.ts';
import type { LogStore } from '../log-store.ts';
import { StoreError } from '../store-error.ts';
import { openDatabase } from './database.ts';
import { type BatchFrame, type OutcomeFrame, packBatch, unpackOutcomes } from './log-frames.ts';
import { LOG_MIGRATIONS } from './log-schema.ts';
import type { Operation, OperationName, Operations, Outcome } from './operations.ts';

export type ToLogThread = BatchFrame | 'close';

export interface LogThreadOptions {
  readonly path: string;
  readonly maxPages?: number;
  readonly waiting?: number;
}

export interface SqliteLogsOptions extends LogThreadOptions {
  /** Most milliseconds that an append waits for others to share its transaction, once some come together. */
  readonly gatherMs?: number;
}

/** Operations of one transaction: more wait for the next. */
const BATCH = 4000;

interface Waiting {
  readonly operation: Operation;
  readonly resolve: (outcome: Outcome) => void;
}

/**
 * Logs and inboxes in a SQLite file, which is made when it is missing. Operations that come while the writer is busy, or
 * within `gatherMs` of each other, share one transaction and one wait for the disk. `closed` inboxes and logs answer
 * `unavailable`.
 */
export function createSqliteLogs(options: SqliteLogsOptions): {
  readonly logs: LogStore;
  readonly inboxes: InboxStore;
  /** Rejects with `StoreError` unless a write becomes durable now. */
  readonly probe: () => Promise<void>;
} {
  openDatabase({ ...options, migrations: LOG_MIGRATIONS }).close();
  const ask = startWriter(options);
  const logs: LogStore = {
    createLog: (request) => ask('create', request),
    appendMessage: (request) => ask('message', request),
    appendCommit: (request) => ask('commit', request),
    readEntries: (request) => ask('read', request),
    async expireEntries(now) {
      let total = 0;
      for (let after: number | undefined = 0; after !== undefined; ) {
        const step: Operations['expire']['outcome'] = await ask('expire', { now, after });
        if (!step.ok) return total;
        total += step.expired;
        after = step.next;
      }
      return total;
    },
    close: () => ask.close(),
  };
  const inboxes: InboxStore = {
    appendItem: (delivery, today) => ask('leave', { delivery, today }),
    readItems: (address, after, today) => ask('look', { address, after, today }),
    trimItems: (address, upTo) => ask('trim', { address, upTo }),
    async expireItems(today) {
      const outcome = await ask('expireItems', { today });
      return outcome.ok ? outcome.expired : 0;
    },
  };
  let probes = 0;
  const probe = async () => {
    probes += 1;
    const outcome = await ask('probe', { at: probes });
    if (!outcome.ok) throw new StoreError(outcome.code);
  };
  return { logs, inboxes, probe };
}

interface Ask {
  <N extends OperationName>(name: N, request: Operations[N]['request']): Promise<Operations[N]['outcome']>;
  close(): Promise<void>;
}

function startWriter(options: SqliteLogsOptions): Ask {
  const gatherMs = options.gatherMs ?? 1;
  const worker = new Worker(new URL('./log-thread.ts', import.meta.url), {
    // What the thread makes is short-lived: a small nursery is emptied often and costs no time that was measured.
    resourceLimits: { maxYoungGenerationSizeMb: 4 },
    workerData: { path: options.path, maxPages: options.maxPages, waiting: options.waiting },
  });
  const queue: Waiting[] = [];
  let written: Waiting[] | undefined;
  let timer: NodeJS.Timeout | NodeJS.Immediate | undefined;
  let closing: Promise<void> | undefined;
  /** How many came together last time: alone, nobody is worth waiting for. */
  let together = 1;

  const send = (): void => {
    timer = undefined;
    if (written !== undefined || queue.length === 0) return;
    written = queue.splice(0, BATCH);
    together = written.length;
    const frame = packBatch(written.map((waiting) => waiting.operation));
    worker.postMessage(frame, [frame.packed.buffer]);
  };
  const schedule = (): void => {
    if (timer !== undefined || written !== undefined) return;
    timer = together > 1 && gatherMs > 0 ? setTimeout(send, gatherMs) : setImmediate(send);
  };
  worker.on('message', (frame: OutcomeFrame) => {
    const done = written ?? [];
    written = undefined;
    for (const [place, outcome] of unpackOutcomes(frame).entries()) done[place]?.resolve(outcome);
    if (queue.length > 0) schedule();
    else if (closing !== undefined) worker.postMessage('close');
  });

  const ask = ((name, request) => {
    if (closing !== undefined) return Promise.resolve({ ok: false, code: 'unavailable' });
    return new Promise((resolve) => {
      // One cast each way: the union of all operations loses which outcome belongs to which name.
      queue.push({ operation: { name, request } as Operation, resolve: resolve as Waiting['resolve'] });
      schedule();
    });
  }) as Ask;
  ask.close = () => {
    closing ??= new Promise((resolve) => {
      worker.once('exit', () => resolve());
      if (written === undefined && queue.length === 0) worker.postMessage('close');
    });
    return closing;
  };
  return ask;
}
