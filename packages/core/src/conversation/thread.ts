import { type Entry, encodeHex, equalBytes } from '@sotto/protocol';
import type { ConversationView, MessageView, PersonView } from '../chat/chat.ts';
import { readLines } from '../store/chunks.ts';
import type { SealedWrite } from '../store/collections.ts';
import type { ConversationDeps } from './deps.ts';
import { createFollower, type Follower } from './follow.ts';
import { type LogState, loadLog } from './log-state.ts';
import { createLogOpener } from './open-log.ts';
import { loadOutbox } from './outbox.ts';
import { createOwnCommits, type OwnCommits } from './own-commits.ts';
import { type LineRecord, type LogRecord, lines, type ThreadRecord } from './records.ts';
import { createReports, type Reports } from './reports.ts';
import { createSender, type Sender } from './send.ts';
import {
  createCell,
  createThreadState,
  isFollowed,
  type LogCell,
  land,
  noteOwnLines,
  rankOfJoined,
  readThreadLines,
  type ThreadState,
} from './thread-state.ts';
import { lastActivity, lineView, threadView } from './thread-views.ts';

/** Lines whose ids are known after a restart, so that a message asked for again is not queued again. */
const LINES_KNOWN = 200;
/** Lines looked at for those that no report has reached, at most. */
const LINES_LOOKED_AT = 2000;

/** One conversation with one person: its logs, its outbox, its lines. */
export interface Thread {
  readonly key: string;
  readonly peer: Uint8Array;
  /** The connection came up: subscribe, catch up, send again what is unconfirmed. */
  connected(): void;
  disconnected(): void;
  /** Live entries of one of its logs. */
  offer(log: string, entries: readonly Entry[]): void;
  /** Takes a log joined through a Welcome; on disk when it resolves, `writes` and all. */
  join(state: LogState, notices: readonly LineRecord[], writes: readonly SealedWrite[]): Promise<void>;
  /** Resolves when the message is durable. `id`: 16 bytes; the same one again is the same message. */
  send(id: Uint8Array, text: string): Promise<void>;
  read(from: number, count: number): Promise<MessageView[]>;
  markRead(index: number): Promise<void>;
  /** Follows its logs no more: the next message opens a fresh one. */
  startOver(): Promise<void>;
  /** Chains or alarms changed: look again at what is due. */
  review(): void;
  view(peer: PersonView): ConversationView;
  total(): number;
  lastActivity(): number;
  logs(): readonly LogState[];
}

/** Reads a thread and its logs back from disk. */
export async function loadThread(
  deps: ConversationDeps,
  key: string,
  record: ThreadRecord,
  stored: readonly { readonly id: Uint8Array; readonly record: LogRecord }[],
): Promise<Thread> {
  const thread = createThreadState(key, record, await loadOutbox(deps.store, key));
  for (const { id, record: log } of stored) {
    const state = await loadLog(deps, id, log);
    thread.cells.set(state.hex, createCell(state));
  }
  const wanted = Math.min(record.deliveredUpTo + 1, record.total - LINES_KNOWN);
  const from = Math.max(0, wanted, record.total - LINES_LOOKED_AT);
  const recent = await readLines(deps.store, lines, key, from, record.total - from);
  noteOwnLines(thread, recent, from, deps.identity.account);
  thread.newest = recent.slice(-LINES_KNOWN);
  return createThread(deps, thread);
}

/** The pieces that work on one thread. They call each other, so each is given the way to the others. */
interface Pieces {
  readonly follower: Follower;
  readonly sender: Sender;
  readonly commits: OwnCommits;
  readonly reports: Reports;
}

function createPieces(deps: ConversationDeps, thread: ThreadState): Pieces {
  const follower: Follower = createFollower(deps, thread, (cell, epochMoved) => {
    if (epochMoved) void follower.catchUp(cell);
    reports.schedule();
    sender.pump();
    commits.tend(cell).catch(deps.failed);
  });
  const commits = createOwnCommits(
    deps,
    thread,
    () => follower,
    () => sender.pump(),
  );
  const opener = createLogOpener(
    deps,
    thread,
    (cell) => void commits.transmit(cell).catch(deps.failed),
    () => sender.pump(),
  );
  const sender: Sender = createSender(
    deps,
    thread,
    () => follower,
    () => opener.open(),
  );
  const reports = createReports(deps, thread, sender.queue);
  return { follower, sender, commits, reports };
}

function createThread(deps: ConversationDeps, thread: ThreadState): Thread {
  const { key } = thread;
  const own = deps.identity.account;
  const pieces = createPieces(deps, thread);
  const { follower, sender } = pieces;
  return {
    key,
    peer: thread.record.peer,
    connected: () => resume(deps, thread, pieces),
    disconnected() {
      for (const cell of thread.cells.values()) cell.subscribedEpoch = undefined;
      thread.outbox.forgetConnection();
    },
    offer(log, entries) {
      const cell = thread.cells.get(log);
      if (cell !== undefined && isFollowed(cell)) follower.offer(cell, entries);
    },
    async join(joined, notices, writes) {
      const cell = createCell(joined);
      await thread.serial.run(() => {
        const state = { ...joined, record: { ...joined.record, rank: rankOfJoined(thread) } };
        return land(deps, thread, { logs: [[cell, state]], lines: notices, writes });
      });
      deps.changed();
      void follower.catchUp(cell);
    },
    async send(id, text) {
      const hex = encodeHex(id);
      // Asked for again: by a tab that took over, within moments. One from long ago the relay would refuse (`id_conflict`).
      if (thread.outbox.find(hex) !== undefined || thread.ownIds.has(hex)) return;
      await sender.queue({ id, kind: 'text', text, upTo: 0, time: deps.clock.now(), failed: false });
    },
    async read(from, count) {
      const found = await readThreadLines(deps, thread, from, count);
      return found.map((line, i) => lineView(thread, own, line, from + i));
    },
    markRead: (index) => markRead(deps, thread, index),
    async startOver() {
      await thread.serial.run(() => retireLogs(deps, thread));
      sender.pump();
    },
    review() {
      sender.pump();
      for (const cell of thread.cells.values()) pieces.commits.tend(cell).catch(deps.failed);
    },
    view: (peer) => threadView(thread, own, peer, deps.alarms.isBlocked(key)),
    total: () => thread.record.total,
    lastActivity: () => lastActivity(thread),
    logs: () => [...thread.cells.values()].map((cell) => cell.state),
  };
}

function resume(
  deps: ConversationDeps,
  thread: ThreadState,
  { commits, follower, sender, reports }: Pieces,
): void {
  const followUp = async (cell: LogCell): Promise<void> => {
    await follower.catchUp(cell);
    await commits.tend(cell);
  };
  for (const cell of thread.cells.values()) {
    commits.transmit(cell).catch(deps.failed);
    followUp(cell).catch(deps.failed);
  }
  sender.pump();
  reports.schedule();
}

async function markRead(deps: ConversationDeps, thread: ThreadState, index: number): Promise<void> {
  const foreign = (line: LineRecord) =>
    line.kind === 'text' && !equalBytes(line.sender, deps.identity.account);
  await thread.serial.run(async () => {
    const left = thread.record.total - index - 1;
    const after = await readThreadLines(deps, thread, index + 1, left);
    const unread = Math.min(thread.record.unread, after.filter(foreign).length);
    if (unread !== thread.record.unread) await land(deps, thread, { record: { ...thread.record, unread } });
  });
  deps.changed();
}

/** What was sealed for these logs goes nowhere else, or it could be said twice: the person sees that it failed. */
async function retireLogs(deps: ConversationDeps, thread: ThreadState): Promise<void> {
  const { outbox } = thread;
  const logs = [...thread.cells.values()].map((cell) => {
    const record = { ...cell.state.record, status: 'retired' as const };
    return [cell, { ...cell.state, record, pending: undefined }] as const;
  });
  const reports = outbox.rows().filter(({ record }) => record.kind === 'delivered');
  const reportIds = reports.map(({ record }) => encodeHex(record.id));
  const failed = outbox
    .rows()
    .filter(({ record }) => record.kind === 'text' && record.body !== undefined)
    .map(({ order, record }) => ({
      order,
      record: { ...record, failed: true },
      progress: 'waiting' as const,
    }));
  const marked = failed.flatMap((row) => outbox.replaceWrites(row, row.record));
  await land(deps, thread, { logs, writes: [...outbox.removeWrites(reportIds), ...marked] });
  outbox.remove(reportIds);
  outbox.adopt(failed);
}
