import { decodeRun, type Entry, LIMITS, type LogId } from '@sotto/protocol';
import type { ConversationDeps } from './deps.ts';
import { createDrain, type Drain } from './drain.ts';
import type { LineRecord } from './records.ts';
import {
  accessTokenOf,
  isFollowed,
  type Landing,
  type LogCell,
  land,
  type ThreadState,
} from './thread-state.ts';

/** Reads the logs of a thread: the log is the truth, live entries and acks are hints. */
export interface Follower {
  /** Entries the relay says the log holds; processed when the cursor reaches them. */
  offer(cell: LogCell, entries: readonly Entry[]): void;
  /** The same for acks of our own sends, which are many and urgent to nobody: settled together, a few times a frame. */
  offerAcked(cell: LogCell, entries: readonly Entry[]): void;
  /** Acks that wait, to share the step of a send; undefined when there is nothing to settle that way. */
  settle(cell: LogCell): Promise<Landing | undefined>;
  /** Subscribes and reads until the cursor stands at the head. Single flight for each log. */
  catchUp(cell: LogCell): Promise<void>;
}

/** Live entries and acks that wait for earlier ones, at most. */
const HELD_MOST = 2 * LIMITS.runEntries;
/** A settling that no send takes along is a transaction of its own. */
const SETTLE_MS = 5;

/** @param advanced called after steps that moved a cursor. */
export function createFollower(
  deps: ConversationDeps,
  thread: ThreadState,
  advanced: (cell: LogCell, epochMoved: boolean) => void,
): Follower {
  const drain = createDrain(deps, thread, advanced);
  const readOn = createReader(deps, thread, drain);

  function hold(cell: LogCell, entries: readonly Entry[]): void {
    for (const entry of entries) {
      const isNews = entry.seq > cell.state.record.cursor && !cell.incoming.has(entry.seq);
      // Hints: what finds no room is read from the log, and a relay cannot fill the memory with them.
      if (isNews && cell.incoming.size < HELD_MOST) cell.incoming.set(entry.seq, entry);
    }
  }

  async function catchUp(cell: LogCell): Promise<void> {
    cell.again = true;
    cell.catching ??= (async () => {
      while (cell.again) {
        cell.again = false;
        let next: ReadOutcome = 'more';
        while (next === 'more') next = await readOn(cell);
        if (typeof next === 'number') deps.clock.after(next * 1000, () => void catchUp(cell));
      }
    })()
      .catch(deps.failed)
      .finally(() => {
        cell.catching = undefined;
      });
    await cell.catching;
  }

  function offer(cell: LogCell, entries: readonly Entry[]): void {
    hold(cell, entries);
    thread.serial
      .run(() => drain.run(cell))
      .then(() => {
        if (cell.incoming.size > 0 && isFollowed(cell)) void catchUp(cell);
      })
      .catch(deps.failed);
  }

  function settleSoon(cell: LogCell): void {
    if (cell.settling || cell.incoming.size === 0) return;
    const wait = cell.settleAt - deps.clock.now();
    if (wait > 0) {
      cell.settling = true;
      deps.clock.after(wait, () => {
        cell.settling = false;
        settleSoon(cell);
      });
      return;
    }
    cell.settleAt = deps.clock.now() + SETTLE_MS;
    offer(cell, []);
  }

  return {
    offer,
    offerAcked(cell, entries) {
      hold(cell, entries);
      settleSoon(cell);
    },
    async settle(cell) {
      const landing = await drain.settle(cell);
      // While sends follow each other, each takes along what was acknowledged before it.
      if (landing !== undefined) cell.settleAt = deps.clock.now() + SETTLE_MS;
      return landing;
    },
    catchUp,
  };
}

/** `more`: ask again now. A number: again in so many seconds. */
type ReadOutcome = 'more' | 'done' | number;

/** What was asked, and where the relay says the log ends. */
interface Read {
  readonly after: number;
  readonly epoch: number;
  readonly head: number;
}

function createReader(deps: ConversationDeps, thread: ThreadState, drain: Drain) {
  /** One request and what it brought. */
  async function readOn(cell: LogCell): Promise<ReadOutcome> {
    const { state } = cell;
    const token = await accessTokenOf(cell);
    if (!isFollowed(cell) || !deps.isOnline() || token === undefined) return 'done';
    const epoch = state.group?.epoch ?? 0;
    const place = { log: state.id as LogId, epoch, token, after: state.record.cursor };
    const answer = await ask(deps, cell, place);
    if (!answer.ok) return await refused(cell, answer);
    const entries = decodeRun(answer.run);
    const read = { after: place.after, epoch, head: answer.head.seq };
    if (entries === undefined || read.head < read.after) return await missing(cell);
    return await take(cell, entries, read);
  }

  async function take(cell: LogCell, entries: readonly Entry[], read: Read): Promise<ReadOutcome> {
    if (!(await bridgeExpired(cell, entries, read))) return await missing(cell);
    for (const entry of entries)
      if (entry.seq > cell.state.record.cursor) cell.incoming.set(entry.seq, entry);
    await thread.serial.run(() => drain.run(cell));
    const outcome = judge(cell, read);
    if (outcome !== 'stuck') return outcome;
    // Entries that are said to be there and not given are withheld; entries put off are asked for again later.
    return entries.length === 0 ? await missing(cell) : 5;
  }

  /**
   * The relay keeps entries for a time only: who joins later skips what expired. False when entries are missing that this
   * device was there for.
   */
  async function bridgeExpired(cell: LogCell, entries: readonly Entry[], read: Read): Promise<boolean> {
    const first = entries[0];
    if (first === undefined || first.seq <= read.after + 1) return true;
    if (cell.state.record.status !== 'joining' || read.after > 0) return false;
    await thread.serial.run(() => skipTo(cell, first.seq - 1));
    return true;
  }

  async function skipTo(cell: LogCell, seq: number): Promise<void> {
    const record = { ...cell.state.record, cursor: seq };
    await land(deps, thread, { logs: [[cell, { ...cell.state, record }]] });
  }

  async function refused(
    cell: LogCell,
    { code, retryAfter }: { readonly code: string; readonly retryAfter?: number | undefined },
  ): Promise<ReadOutcome> {
    if (code === 'log_unknown' || code === 'token_refused') return await missing(cell);
    if (code === 'offline' || code === 'unauthorized' || code === 'session_ended') return 'done';
    return retryAfter ?? 5;
  }

  /** Entries that were acknowledged or numbered are not to be had: nothing after them can be held against a transcript. */
  async function missing(cell: LogCell): Promise<ReadOutcome> {
    await deps.alarms.raise('history_missing', { conversation: thread.key });
    await thread.serial.run(async () => {
      if (!isFollowed(cell)) return;
      const record = { ...cell.state.record, status: 'broken' as const };
      await land(deps, thread, { logs: [[cell, { ...cell.state, record }]], lines: [gapLine(cell, deps)] });
    });
    deps.changed();
    return 'done';
  }

  return readOn;
}

function judge(cell: LogCell, read: Read): ReadOutcome | 'stuck' {
  if (!isFollowed(cell)) return 'done';
  if (cell.state.group?.epoch !== read.epoch) return 'more';
  const { cursor } = cell.state.record;
  if (cursor >= read.head) return 'done';
  return cursor > read.after ? 'more' : 'stuck';
}

/** The first request of an epoch subscribes; what it did not bring is read. */
async function ask(
  { link }: ConversationDeps,
  cell: LogCell,
  place: {
    readonly log: LogId;
    readonly epoch: number;
    readonly token: NonNullable<LogCell['token']>['value'];
    readonly after: number;
  },
) {
  if (cell.subscribedEpoch === place.epoch)
    return await link.request('log:read', { ...place, limit: LIMITS.runEntries });
  const answer = await link.request('log:subscribe', place);
  if (answer.ok) cell.subscribedEpoch = place.epoch;
  return answer;
}

function gapLine(cell: LogCell, { identity, clock, random }: ConversationDeps): LineRecord {
  const { id: log, record } = cell.state;
  const [id, time] = [random(16), clock.now()];
  return { id, kind: 'gap', sender: identity.account, text: '', time, log, seq: record.cursor + 1 };
}
