import { dayOf, judgeRetry, opensEpoch, visibleHead } from '../log-rules.ts';
import type { AppendCommit, Appended, AppendMessage, AppendRefused, Refused } from '../log-store.ts';
import type { MongoDatabase } from './database.ts';
import { inTime } from './deadline.ts';
import type { EntryDocument } from './documents.ts';
import { countInserted, isDuplicate, storageCode } from './errors.ts';
import type { Inboxes } from './inboxes.ts';
import type { LogEpochs } from './log-epochs.ts';
import { findAllKnown, findHead, idName, type LogHeadState, makeEntry } from './log-table.ts';
import { MOST_ATTEMPTS, pause } from './pause.ts';

/**
 * Appends of one log by this process, in the order asked: what waits while a write is under way goes with the next one.
 * Other processes append to the same log. Every entry goes in under its position, each behind the one before, so of two
 * processes that take the same position one is refused, looks again and judges anew; and no position is ever left out.
 */
export interface LogLane {
  append(request: AppendMessage | AppendCommit): Promise<AppendOutcome>;
  /** Nothing waits and nothing is under way. */
  isIdle(): boolean;
}

type AppendOutcome = Appended | AppendRefused | Refused<'inbox_full'>;

export interface LaneDeps {
  readonly db: MongoDatabase;
  readonly epochs: LogEpochs;
  readonly inboxes: Inboxes;
  readonly random: (length: number) => Uint8Array;
  readonly onStep: (step: 'judged' | 'inserted') => Promise<void>;
  /** For each half of a round: one that takes longer has failed, and those that wait behind it go on. */
  readonly deadlineMs: number;
}

interface Lane extends LaneDeps {
  readonly log: Uint8Array;
  /** As this process saw it last; undefined when it has to look. */
  head: LogHeadState | undefined;
}

interface Waiting {
  readonly request: AppendMessage | AppendCommit;
  readonly resolve: (outcome: AppendOutcome) => void;
  /** Its id may be known: look before placing it. */
  look: boolean;
}

interface Placed {
  readonly waiting: Waiting;
  readonly document: EntryDocument;
}

/** Documents of one insert: behind a refused one FerretDB would go on with the next hundred, and leave a gap. */
const RUN_ENTRIES = 100;
const RUN_BYTES = 8 * 1024 * 1024;

export function createLogLane(deps: LaneDeps, log: Uint8Array): LogLane {
  // A copy: the caller's bytes may be a view of a whole frame.
  const lane: Lane = { ...deps, log: Uint8Array.from(log), head: undefined };
  const queue: Waiting[] = [];
  let draining = false;

  const drain = async (): Promise<void> => {
    let lost = 0;
    while (queue.length > 0) {
      const batch = queue.splice(0, RUN_ENTRIES);
      const left = await runRound(lane, batch);
      lost = left.length < batch.length ? 0 : lost + 1;
      if (lost < MOST_ATTEMPTS) queue.unshift(...left);
      else giveUp(left);
      await pause(lost);
    }
    draining = false;
  };

  return {
    append: (request) =>
      new Promise((resolve) => {
        queue.push({ request, resolve, look: false });
        if (draining) return;
        draining = true;
        // Everything that is asked in this turn of the event loop goes together.
        setImmediate(() => void drain());
      }),
    isIdle: () => !draining,
  };
}

function giveUp(waiting: readonly Waiting[]): void {
  for (const { resolve } of waiting) resolve({ ok: false, code: 'unavailable' });
}

/** Judges, writes and answers. What is left has to be judged again, in this order. */
async function runRound(lane: Lane, batch: readonly Waiting[]): Promise<readonly Waiting[]> {
  const placed: Placed[] = [];
  try {
    const rest = await inTime(planRun(lane, batch, placed), lane.deadlineMs);
    if (placed.length === 0) return rest;
    await lane.onStep('judged');
    const refused = await inTime(insertRun(lane, placed), lane.deadlineMs);
    return [...refused, ...rest];
  } catch (error) {
    lane.head = undefined;
    await answerFailed(lane, placed, error);
    for (const waiting of batch) waiting.resolve({ ok: false, code: storageCode(error) });
    return [];
  }
}

/** Fills `placed` and answers what needs no place. Stops at what can be judged only when the run is written. */
async function planRun(lane: Lane, batch: readonly Waiting[], placed: Placed[]): Promise<readonly Waiting[]> {
  let size = 0;
  for (const [index, waiting] of batch.entries()) {
    const { request } = waiting;
    size += request.body.length;
    if (placed.length > 0 && (size > RUN_BYTES || hangsOn(placed, waiting))) return batch.slice(index);
    const head = await headFor(lane, request, placed.length > 0);
    if (head === 'later') return batch.slice(index);
    const verdict = await judge(lane, head, waiting);
    if (verdict !== undefined) waiting.resolve(verdict);
    else if (head !== undefined) {
      const before = placed.at(-1)?.document ?? head;
      placed.push({ waiting, document: makeEntry(request, before, head.days, lane.random) });
    }
  }
  return [];
}

/** Whether an answer hangs on the run before it: on its commit, or on the same id in it. */
function hangsOn(placed: readonly Placed[], waiting: Waiting): boolean {
  if (placed.at(-1)?.document.kind === 'commit') return true;
  const isSame = placed.some(({ document }) => Buffer.compare(document.id, waiting.request.id) === 0);
  if (isSame) waiting.look = true;
  return isSame;
}

/** The head as this process knows it. An epoch that it has not seen is another process's news: it looks again. */
async function headFor(
  lane: Lane,
  request: AppendMessage,
  hasPlaced: boolean,
): Promise<LogHeadState | 'later' | undefined> {
  const isNews = lane.head !== undefined && request.epoch > lane.head.epoch;
  if (isNews && hasPlaced) return 'later';
  if (isNews || lane.head === undefined) lane.head = await findHead(lane.db, lane.log);
  return lane.head;
}

/** Everything that ends an append without writing: undefined when the entry is to be placed. */
async function judge(
  { db, log, epochs, inboxes }: Lane,
  head: LogHeadState | undefined,
  { request, look }: Waiting,
): Promise<AppendOutcome | undefined> {
  if (head === undefined) return { ok: false, code: 'log_unknown' };
  const epoch = await epochs.find(log, request.epoch, head.epoch);
  if (!opensEpoch(epoch, request.shownHash)) return { ok: false, code: 'token_refused' };
  const moved = request.epoch !== head.epoch;
  const all = look || moved ? await findAllKnown(db, log, [request.id]) : undefined;
  const known = all?.get(idName(request.id));
  if (known !== undefined) return judgeRetry(known, request);
  if (moved) return { ok: false, code: 'epoch_moved', head: visibleHead(head, request.epoch, epoch) };
  if (!('deliveries' in request)) return undefined;
  const haveRoom = await inboxes.haveRoom(request.deliveries, dayOf(request.now));
  return haveRoom ? undefined : { ok: false, code: 'inbox_full' };
}

/** One ordered insert: what goes in goes in from the start of the run, without a gap. Answers what another process beat. */
async function insertRun(lane: Lane, placed: readonly Placed[]): Promise<readonly Waiting[]> {
  let count = placed.length;
  try {
    await lane.db.entries.insertMany(
      placed.map(({ document }) => document),
      { ordered: true },
    );
  } catch (error) {
    if (!isDuplicate(error)) throw error;
    count = countInserted(error);
  }
  await lane.onStep('inserted');
  for (const { waiting, document } of placed.slice(0, count)) answerPlaced(lane, waiting, document);
  const last = placed.at(count - 1)?.document;
  const refused = placed.slice(count).map(({ waiting }) => waiting);
  const beaten = refused[0];
  if (beaten === undefined && last !== undefined && lane.head !== undefined) {
    const epoch = last.kind === 'commit' ? last.epoch + 1 : last.epoch;
    lane.head = { epoch, seq: last.seq, time: last.time, days: lane.head.days };
    return [];
  }
  // Its position or its id: the server does not always say which.
  if (beaten !== undefined) beaten.look = true;
  lane.head = undefined;
  return refused;
}

/** A commit is answered when its Welcomes lie in their inboxes. Whatever happens to that, it stands, and so do they. */
function answerPlaced({ inboxes }: Lane, waiting: Waiting, document: EntryDocument): void {
  const { seq, time } = document;
  const answer = (delivered: readonly number[]) =>
    waiting.resolve({ ok: true, seq, time, again: false, delivered });
  if (document.pending === undefined) answer([]);
  else inboxes.settle(document).then(answer, () => waiting.resolve({ ok: false, code: 'unavailable' }));
}

/** After a failure the database says what stands; where it cannot, nobody knows. */
async function answerFailed(
  { db, log, deadlineMs }: Lane,
  placed: readonly Placed[],
  error: unknown,
): Promise<void> {
  if (placed.length === 0) return;
  try {
    const ids = placed.map(({ document }) => document.id);
    const known = await inTime(findAllKnown(db, log, ids), deadlineMs);
    for (const { waiting, document } of placed) {
      const stands = known.get(idName(document.id));
      if (stands === undefined) waiting.resolve({ ok: false, code: storageCode(error) });
      else waiting.resolve(judgeRetry(stands, waiting.request));
    }
  } catch {
    for (const { waiting } of placed) waiting.resolve({ ok: false, code: 'unavailable' });
  }
}
