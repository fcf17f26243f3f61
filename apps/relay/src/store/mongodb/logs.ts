import type { InboxStore } from '../inbox-store.ts';
import { opensEpoch, visibleHead } from '../log-rules.ts';
import type { LogStore, ReadEntries } from '../log-store.ts';
import type { MongoDatabase } from './database.ts';
import { DEADLINE_MS, inTime } from './deadline.ts';
import { inserted, storageCode } from './errors.ts';
import { createInboxes } from './inboxes.ts';
import { createLogEpochs, type LogEpochs } from './log-epochs.ts';
import { createLogLane, type LogLane } from './log-lane.ts';
import { expireBodies, findHead, makeCreation, readRun } from './log-table.ts';
import { createTurns } from './turns.ts';

export interface MongoLogsOptions {
  readonly random: (length: number) => Uint8Array;
  /** Called between the steps of a write, and waited for: tests stop a process there. */
  readonly onStep?: (step: LogStep) => Promise<void>;
  readonly deadlineMs?: number;
}

/** A run is judged; written; a Welcome of its commit lies in its inbox; the commit is struck off. */
type LogStep = 'judged' | 'inserted' | 'delivered' | 'settled';

export interface MongoLogs {
  readonly logs: LogStore;
  readonly inboxes: InboxStore;
  /** Finishes what processes that stopped have left. For the start; readers do so for themselves anyway. */
  recover(): Promise<void>;
}

/** Logs whose lane is kept between requests. */
const KEPT_LANES = 20_000;

/**
 * Logs and inboxes in MongoDB; any number of processes share them. `closed` ones answer `unavailable`; the database stays
 * open, for its owner to close.
 */
export function createMongoLogs(db: MongoDatabase, options: MongoLogsOptions): MongoLogs {
  const { random, onStep = async () => {}, deadlineMs = DEADLINE_MS } = options;
  const epochs = createLogEpochs(db);
  const inboxes = createInboxes({ db, turns: createTurns(), random, onStep });
  const lanes = new Map<string, LogLane>();
  const { ask, askLong, finish } = createDoor(deadlineMs);

  const laneOf = (log: Uint8Array): LogLane => {
    const name = Buffer.from(log).toString('latin1');
    const lane = lanes.get(name) ?? createLogLane({ db, epochs, inboxes, random, onStep, deadlineMs }, log);
    lanes.delete(name);
    lanes.set(name, lane);
    const [oldest] = lanes;
    if (lanes.size > KEPT_LANES && oldest?.[1].isIdle() === true) lanes.delete(oldest[0]);
    return lane;
  };

  const logs: LogStore = {
    createLog: (request) =>
      ask(async () => {
        const created = await inserted(db.entries.insertOne(makeCreation(request)));
        return created ? { ok: true } : { ok: false, code: 'log_exists' };
      }),
    // A message is never refused for an inbox: the lane's outcomes are those of both.
    appendMessage: (request) =>
      ask(() => laneOf(request.log).append(request)) as ReturnType<LogStore['appendMessage']>,
    appendCommit: (request) => ask(() => laneOf(request.log).append(request)),
    readEntries: (request) => ask(() => readEntries(db, epochs, request)),
    async expireEntries(now) {
      const outcome = await askLong(
        async () => ({ ok: true, expired: await expireBodies(db, now) }) as const,
      );
      return outcome.ok ? outcome.expired : 0;
    },
    close: finish,
  };
  const { store } = inboxes;
  return {
    logs,
    inboxes: {
      appendItem: (delivery, today) => ask(() => store.appendItem(delivery, today)),
      readItems: (address, after, today) => ask(() => store.readItems(address, after, today)),
      trimItems: (address, upTo) => ask(() => store.trimItems(address, upTo)),
      async expireItems(today) {
        const outcome = await askLong(
          async () => ({ ok: true, expired: await store.expireItems(today) }) as const,
        );
        return outcome.ok ? outcome.expired : 0;
      },
    },
    recover: () => inboxes.settleAll(),
  };
}

async function readEntries(
  db: MongoDatabase,
  epochs: LogEpochs,
  request: ReadEntries,
): ReturnType<LogStore['readEntries']> {
  const head = await findHead(db, request.log);
  if (head === undefined) return { ok: false, code: 'log_unknown' };
  const epoch = await epochs.find(request.log, request.epoch, head.epoch);
  if (!opensEpoch(epoch, request.shownHash)) return { ok: false, code: 'token_refused' };
  const visible = visibleHead({ epoch: head.epoch, seq: head.seq }, request.epoch, epoch);
  return { ok: true, entries: await readRun(db, request, visible.seq), head: visible };
}

/** Lets requests in until it is closed, answers them in time, and names the trouble of storage. */
function createDoor(deadlineMs: number) {
  const inside = new Set<Promise<unknown>>();
  let closed = false;
  const failed = (code: 'unavailable' | 'storage_full') => ({ ok: false, code }) as const;
  const askLong = <T>(work: () => Promise<T>): Promise<T | ReturnType<typeof failed>> => {
    if (closed) return Promise.resolve(failed('unavailable'));
    const answer = work().catch((error: unknown) => failed(storageCode(error)));
    inside.add(answer);
    void answer.then(() => inside.delete(answer));
    return answer;
  };
  return {
    ask: <T>(work: () => Promise<T>) => askLong(() => inTime(work(), deadlineMs)),
    /** For what takes as long as there is something to be done. */
    askLong,
    async finish(): Promise<void> {
      closed = true;
      await Promise.all(inside);
    },
  };
}
