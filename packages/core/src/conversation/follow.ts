import { decodeRun, type Entry, encodeHex, equalBytes, LIMITS, type LogId } from '@sotto/protocol';
import type { AlarmKind } from '../chat/chat.ts';
import type { ConversationDeps } from './deps.ts';
import { receiveEntries } from './receive.ts';
import type { LineRecord, ThreadRecord } from './records.ts';
import { accessTokenOf, type LogCell, land, type ThreadState } from './thread-state.ts';

/** Entries of one step: enough that a strict transaction costs little a message, few enough to show progress. */
const BATCH = 50;

/** Reads the logs of a thread: the log is the truth, live entries and acks are hints. */
export interface Follower {
  /** Entries the relay says the log holds; processed when the cursor reaches them. */
  offer(cell: LogCell, entries: readonly Entry[]): void;
  /** Subscribes and reads until the cursor stands at the head. Single flight for each log. */
  catchUp(cell: LogCell): Promise<void>;
}

/** @param advanced called after steps that moved a cursor. */
export function createFollower(
  deps: ConversationDeps,
  thread: ThreadState,
  advanced: (cell: LogCell, epochMoved: boolean) => void,
): Follower {
  const raise = (kind: AlarmKind) => deps.alarms.raise(kind, { conversation: thread.key });

  function offer(cell: LogCell, entries: readonly Entry[]): void {
    for (const entry of entries)
      if (entry.seq > cell.state.record.cursor && !cell.incoming.has(entry.seq))
        cell.incoming.set(entry.seq, entry);
    thread.serial
      .run(() => drain(cell))
      .then(() => {
        if (cell.incoming.size > 0 && isFollowed(cell)) void catchUp(cell);
      })
      .catch(deps.failed);
  }

  /** Processes what follows the cursor without a gap, a batch a step. Inside `serial`. */
  async function drain(cell: LogCell): Promise<boolean> {
    const start = cell.state;
    for (;;) {
      const run = takeRun(cell);
      if (run.length === 0) break;
      const before = cell.state;
      const stop = await processRun(cell, run);
      for (const seq of cell.incoming.keys()) if (seq <= cell.state.record.cursor) cell.incoming.delete(seq);
      if (stop !== undefined || cell.state === before) {
        cell.incoming.clear();
        break;
      }
    }
    if (cell.state === start) return false;
    advanced(
      cell,
      cell.state.group?.epoch !== start.group?.epoch || cell.state.record.status !== start.record.status,
    );
    return true;
  }

  async function processRun(cell: LogCell, run: readonly Entry[]) {
    const before = cell.state;
    const received = await receiveEntries(
      {
        ownAccount: deps.identity.account,
        ownEntry: (id) => ownEntry(thread, cell, id),
        unavailable: deps.authentication.unavailable,
      },
      before,
      run,
    );
    // The alarm is on disk before the step that goes on: a crash between them must not lose it.
    for (const kind of received.alarms) await raise(kind);
    if (received.state === before && received.lines.length === 0) return received.stop;
    await land(deps, thread, {
      record: withDelivered(thread, cell, received.delivered),
      logs: [[cell, received.state]],
      lines: received.lines,
      writes: thread.outbox.removeWrites(received.settled),
    });
    thread.outbox.remove(received.settled);
    deps.changed();
    return received.stop;
  }

  async function catchUp(cell: LogCell): Promise<void> {
    cell.again = true;
    cell.catching ??= (async () => {
      while (cell.again) {
        cell.again = false;
        while (await readOn(cell));
      }
    })()
      .catch(deps.failed)
      .finally(() => {
        cell.catching = undefined;
      });
    await cell.catching;
  }

  /** One request and what it brought. False when there is nothing more to ask now. */
  async function readOn(cell: LogCell): Promise<boolean> {
    const { state } = cell;
    const token = await accessTokenOf(cell);
    if (!isFollowed(cell) || !deps.isOnline() || token === undefined) return false;
    const epoch = state.group?.epoch ?? 0;
    const after = state.record.cursor;
    const place = { log: state.id as LogId, epoch, token, after };
    const subscribe = cell.subscribedEpoch !== epoch;
    const answer = subscribe
      ? await deps.link.request('log:subscribe', place)
      : await deps.link.request('log:read', { ...place, limit: LIMITS.runEntries });
    if (!answer.ok)
      return await refusedRead(cell, answer.code, 'retryAfter' in answer ? answer.retryAfter : undefined);
    if (subscribe) cell.subscribedEpoch = epoch;
    const entries = decodeRun(answer.run);
    if (entries === undefined || answer.head.seq < after) return await missing(cell);
    return await takeRead(cell, entries, { after, epoch, head: answer.head.seq });
  }

  async function takeRead(
    cell: LogCell,
    entries: readonly Entry[],
    asked: { readonly after: number; readonly epoch: number; readonly head: number },
  ): Promise<boolean> {
    const first = entries[0];
    if (first !== undefined && first.seq > asked.after + 1) {
      // The relay keeps entries for a time only. Who joins later skips what expired; who was here lost entries.
      if (cell.state.record.status !== 'joining' || asked.after > 0) return await missing(cell);
      await thread.serial.run(() => skipTo(cell, first.seq - 1));
    }
    for (const entry of entries)
      if (entry.seq > cell.state.record.cursor) cell.incoming.set(entry.seq, entry);
    const moved = await thread.serial.run(() => drain(cell));
    if (!isFollowed(cell)) return false;
    if (cell.state.group?.epoch !== asked.epoch) return true;
    if (cell.state.record.cursor >= asked.head) return false;
    if (moved || cell.state.record.cursor > asked.after) return true;
    // Entries that are said to be there and not given are withheld; entries put off are asked for again later.
    return entries.length === 0 ? await missing(cell) : false;
  }

  async function skipTo(cell: LogCell, seq: number): Promise<void> {
    const record = { ...cell.state.record, cursor: seq };
    await land(deps, thread, { logs: [[cell, { ...cell.state, record }]] });
  }

  async function refusedRead(cell: LogCell, code: string, retryAfter: number | undefined): Promise<boolean> {
    if (code === 'log_unknown' || code === 'token_refused') return await missing(cell);
    if (code === 'offline' || code === 'unauthorized' || code === 'session_ended') return false;
    deps.clock.after((retryAfter ?? 5) * 1000, () => void catchUp(cell));
    return false;
  }

  /** Entries that were acknowledged or numbered are not to be had: nothing after them can be held against a transcript. */
  async function missing(cell: LogCell): Promise<boolean> {
    await raise('history_missing');
    await thread.serial.run(async () => {
      if (!isFollowed(cell)) return;
      const record = { ...cell.state.record, status: 'broken' as const };
      const gap = gapLine(cell, deps);
      await land(deps, thread, { logs: [[cell, { ...cell.state, record }]], lines: [gap] });
    });
    deps.changed();
    return false;
  }

  return { offer, catchUp };
}

/** Whether the relay's entries of this log are wanted. */
export function isFollowed({ state }: LogCell): boolean {
  return state.record.status === 'active' || state.record.status === 'joining';
}

/** Entries that wait and follow the cursor without a gap. */
function takeRun(cell: LogCell): Entry[] {
  const run: Entry[] = [];
  if (!isFollowed(cell) && cell.state.record.status !== 'creating') return run;
  for (let seq = cell.state.record.cursor + 1; run.length < BATCH; seq++) {
    const entry = cell.incoming.get(seq);
    if (entry === undefined) break;
    run.push(entry);
  }
  return run;
}

function ownEntry(thread: ThreadState, cell: LogCell, id: Uint8Array) {
  const row = thread.outbox.find(encodeHex(id));
  const log = row?.record.log;
  return log !== undefined && equalBytes(log, cell.state.id) ? row?.record : undefined;
}

/** The thread's record after a report that a device of the peer has the log up to `seq`. */
function withDelivered(thread: ThreadState, cell: LogCell, seq: number): ThreadRecord {
  const reached = thread.ownLines.filter((line) => line.log === cell.state.hex && line.seq <= seq);
  const upTo = reached.at(-1)?.index ?? -1;
  if (upTo <= thread.record.deliveredUpTo) return thread.record;
  return { ...thread.record, deliveredUpTo: upTo, revision: thread.record.revision + 1 };
}

function gapLine(cell: LogCell, { identity, clock, random }: ConversationDeps): LineRecord {
  const { id: log, record } = cell.state;
  const [id, time] = [random(16), clock.now()];
  return { id, kind: 'gap', sender: identity.account, text: '', time, log, seq: record.cursor + 1 };
}
