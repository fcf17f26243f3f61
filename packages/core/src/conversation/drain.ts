import { type Entry, encodeHex, equalBytes } from '@sotto/protocol';
import type { ConversationDeps } from './deps.ts';
import { type ReceiveDeps, type Received, receiveEntries } from './receive.ts';
import type { ThreadRecord } from './records.ts';
import {
  findOwnLines,
  isFollowed,
  type Landing,
  type LogCell,
  land,
  prepareLanding,
  type ThreadChange,
  type ThreadState,
} from './thread-state.ts';

/** Entries of one step: those of an epoch, which mostly ends after a hundred; few enough to show progress. */
const BATCH = 128;

/** Takes entries that wait and follow the cursor, and makes them lines, keys and a new cursor, a batch a step. */
export interface Drain {
  /** True when the cursor moved. To be called inside the thread's `serial`. */
  run(cell: LogCell): Promise<boolean>;
  /**
   * What acks of own sends came to, to share the step of the next send; undefined when none wait, or anything else does
   * before them. Keys and epoch stay as they are, so it may land beside a seal. Inside `serial`, like `run`.
   */
  settle(cell: LogCell): Promise<Landing | undefined>;
}

/** @param advanced called after steps that moved a cursor. */
export function createDrain(
  deps: ConversationDeps,
  thread: ThreadState,
  advanced: (cell: LogCell, epochMoved: boolean) => void,
): Drain {
  async function takeBatch(cell: LogCell): Promise<boolean> {
    const run = takeRun(cell);
    if (run.length === 0) return false;
    const before = cell.state;
    const stop = await processRun(cell, run);
    if (stop === undefined && cell.state !== before) forgetPassed(cell);
    // What was put off or cannot be processed is read again from the log, if ever.
    else cell.incoming.clear();
    return cell.incoming.size > 0;
  }

  async function processRun(cell: LogCell, run: readonly Entry[]) {
    const before = cell.state;
    const received = await receiveEntries(receiveDeps(cell), before, run);
    // The alarm is on disk before the step that goes on: a crash between them must not lose it.
    for (const kind of received.alarms) await deps.alarms.raise(kind, { conversation: thread.key });
    if (received.state === before && received.lines.length === 0) return received.stop;
    await land(deps, thread, changeOf(cell, received));
    thread.outbox.remove(received.settled);
    forgetSettled(cell, received.settled);
    deps.changed();
    return received.stop;
  }

  function changeOf(cell: LogCell, received: Received): ThreadChange {
    return {
      record: withDelivered(thread, cell, received, deps.identity.account),
      logs: [[cell, received.state]],
      lines: received.lines,
      writes: thread.outbox.removeWrites(received.settled),
    };
  }

  function receiveDeps(cell: LogCell): ReceiveDeps {
    return {
      ownAccount: deps.identity.account,
      ownEntry: (id) => ownEntry(thread, cell, id),
      unavailable: deps.authentication.unavailable,
      now: deps.clock.now(),
    };
  }

  async function settle(cell: LogCell): Promise<Landing | undefined> {
    const before = cell.state;
    const run = takeRun(cell);
    if (run.length === 0 || before.record.status !== 'active' || before.pending !== undefined)
      return undefined;
    if (!run.every((entry) => isOwnEntry(thread, cell, entry))) return undefined;
    const received = await receiveEntries(receiveDeps(cell), before, run);
    const settled = new Set(received.settled);
    if (settled.size < run.length || received.stop !== undefined) return undefined;
    const landing = prepareLanding(deps, thread, changeOf(cell, received));
    return {
      writes: landing.writes,
      adopt() {
        landing.adopt();
        thread.outbox.remove(received.settled);
        forgetSettled(cell, received.settled);
        forgetPassed(cell);
        advanced(cell, false);
      },
    };
  }

  return {
    settle,
    async run(cell) {
      const start = cell.state;
      while (await takeBatch(cell));
      if (cell.state === start) return false;
      const statusMoved = cell.state.record.status !== start.record.status;
      advanced(cell, statusMoved || cell.state.group?.epoch !== start.group?.epoch);
      return true;
    },
  };
}

function forgetPassed(cell: LogCell): void {
  for (const seq of cell.incoming.keys()) if (seq <= cell.state.record.cursor) cell.incoming.delete(seq);
}

/** An ack may have named another place for an entry than the one it turned out to have. */
function forgetSettled(cell: LogCell, settled: readonly string[]): void {
  if (settled.length === 0) return;
  const ids = new Set(settled);
  for (const [seq, { id }] of cell.incoming) if (ids.has(encodeHex(id))) cell.incoming.delete(seq);
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

function isOwnEntry(thread: ThreadState, cell: LogCell, { kind, id, body }: Entry): boolean {
  const own = kind === 'message' ? ownEntry(thread, cell, id)?.body : undefined;
  return own !== undefined && equalBytes(own, body);
}

/** The thread's record after a report of the peer, which may be about lines that come with it. */
function withDelivered(
  thread: ThreadState,
  { state: { hex } }: LogCell,
  { lines, delivered }: Received,
  own: Uint8Array,
): ThreadRecord {
  if (delivered === 0) return thread.record;
  const all = [...thread.ownLines, ...findOwnLines(lines, thread.record.total, own)];
  const reached = all.filter((line) => line.log === hex && line.seq <= delivered);
  const upTo = reached.at(-1)?.index ?? -1;
  if (upTo <= thread.record.deliveredUpTo) return thread.record;
  return { ...thread.record, deliveredUpTo: upTo, revision: thread.record.revision + 1 };
}
