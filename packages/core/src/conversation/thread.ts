import { type Entry, encodeHex, equalBytes } from '@sotto/protocol';
import type { ConversationView, MessageView, PersonView } from '../chat/chat.ts';
import { readLines } from '../store/chunks.ts';
import type { ConversationDeps } from './deps.ts';
import { createFollower, isFollowed } from './follow.ts';
import { type LogState, loadLog } from './log-state.ts';
import { createLogOpener } from './open-log.ts';
import { loadOutbox } from './outbox.ts';
import { createOwnCommits } from './own-commits.ts';
import {
  type LineRecord,
  type LogRecord,
  lines,
  type OutboxRecord,
  sentIds,
  type ThreadRecord,
} from './records.ts';
import { createSender } from './send.ts';
import { createCell, createThreadState, land, ownLinesOf, type ThreadState } from './thread-state.ts';

/** A report goes at most once in this time, for all that came meanwhile. */
const REPORT_MS = 300;
/** Own lines looked at for reports that come after a restart. */
const OWN_LINES_KEPT = 2000;

/** One conversation with one person: its logs, its outbox, its lines. */
export interface Thread {
  readonly key: string;
  readonly peer: Uint8Array;
  /** Hexadecimal ids of its logs. */
  logIds(): readonly string[];
  /** The connection came up: subscribe, catch up, send again what is unconfirmed. */
  connected(): void;
  disconnected(): void;
  offer(log: string, entries: readonly Entry[]): void;
  /** A log joined through a Welcome, already on disk in the step that `land` makes of `writes`. */
  join(
    state: LogState,
    notices: readonly LineRecord[],
    writes: Parameters<typeof land>[2]['writes'],
  ): Promise<void>;
  send(id: Uint8Array, text: string): Promise<void>;
  read(from: number, count: number): Promise<MessageView[]>;
  markRead(index: number): Promise<void>;
  /** Follows its logs no more, except to keep what they hold: the next message opens a fresh one. */
  startOver(): Promise<void>;
  /** Chains or alarms changed: look again at what is due. */
  review(): void;
  view(peer: PersonView): ConversationView;
  total(): number;
  /** When its newest line came or its newest message was queued. */
  lastActivity(): number;
  log(hex: string): LogState | undefined;
  activeLogs(): readonly LogState[];
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
  const from = Math.max(record.deliveredUpTo + 1, record.total - OWN_LINES_KEPT);
  const recent = await readLines(deps.store, lines, key, from, record.total - from);
  thread.ownLines = ownLinesOf(recent, from, deps.identity.account);
  return createThread(deps, thread);
}

function createThread(deps: ConversationDeps, thread: ThreadState): Thread {
  const { key } = thread;
  const follower = createFollower(deps, thread, (cell, epochMoved) => {
    if (epochMoved) void follower.catchUp(cell);
    scheduleReport();
    sender.pump();
    void commits.tend(cell).catch(deps.failed);
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
  const sender = createSender(
    deps,
    thread,
    () => follower,
    () => opener.open(),
  );
  let reporting = false;

  function scheduleReport(): void {
    if (reporting || dueReports(thread).length === 0) return;
    reporting = true;
    deps.clock.after(REPORT_MS, () => {
      reporting = false;
      report().catch(deps.failed);
    });
  }

  /** What was heard is on disk since the cursor passed it: say so once for all of it. Never in answer to reports. */
  async function report(): Promise<void> {
    if (!deps.isOnline() || deps.alarms.isBlocked(key)) return;
    const rows = await thread.serial.run(async () => {
      const due = dueReports(thread);
      const logs = due.map((cell) => {
        const record = { ...cell.state.record, reportedUpTo: cell.state.record.heardUpTo };
        return [cell, { ...cell.state, record }] as const;
      });
      await land(deps, thread, { logs });
      return due.map(({ state }) => reportRow(state));
    });
    for (const row of rows) await sender.queue(row);
  }

  function reportRow({ id, record }: LogState): OutboxRecord {
    const [time, upTo] = [deps.clock.now(), record.heardUpTo];
    return { id: deps.random(16), kind: 'delivered', text: '', upTo, time, failed: false, log: id };
  }

  function lineView(line: LineRecord, index: number): MessageView {
    const mine = line.kind === 'text' && equalBytes(line.sender, deps.identity.account);
    const state = !mine ? 'received' : index <= thread.record.deliveredUpTo ? 'delivered' : 'sent';
    const { kind, text, time } = line;
    return { id: encodeHex(line.id), index, kind, mine, sender: encodeHex(line.sender), text, time, state };
  }

  function queuedView({ id, text, time, failed }: OutboxRecord): MessageView {
    const sender = encodeHex(deps.identity.account);
    const state = failed ? 'failed' : 'queued';
    return { id: encodeHex(id), index: undefined, kind: 'text', mine: true, sender, text, time, state };
  }

  function connected(): void {
    for (const cell of thread.cells.values()) {
      if (cell.state.pending !== undefined) void commits.transmit(cell).catch(deps.failed);
      void follower
        .catchUp(cell)
        .then(() => commits.tend(cell))
        .catch(deps.failed);
    }
    sender.pump();
    scheduleReport();
  }

  return {
    key,
    peer: thread.record.peer,
    logIds: () => [...thread.cells.keys()],
    connected,
    disconnected() {
      for (const cell of thread.cells.values()) cell.subscribedEpoch = undefined;
      thread.outbox.forgetConnection();
    },
    offer(log, entries) {
      const cell = thread.cells.get(log);
      if (cell !== undefined && isFollowed(cell)) follower.offer(cell, entries);
    },
    async join(state, notices, writes) {
      const cell = createCell(state);
      await thread.serial.run(() => land(deps, thread, { logs: [[cell, state]], lines: notices, writes }));
      deps.changed();
      void follower.catchUp(cell);
    },
    async send(id, text) {
      const hex = encodeHex(id);
      if (thread.outbox.find(hex) !== undefined) return;
      if ((await deps.store.get(sentIds.key(hex))) === true) return;
      await sender.queue({ id, kind: 'text', text, upTo: 0, time: deps.clock.now(), failed: false });
    },
    async read(from, count) {
      const found = await readLines(deps.store, lines, key, from, count);
      return found.map((line, i) => lineView(line, from + i));
    },
    async markRead(index) {
      await thread.serial.run(async () => {
        const after = await readLines(deps.store, lines, key, index + 1, thread.record.total - index - 1);
        const foreign = (line: LineRecord) =>
          line.kind === 'text' && !equalBytes(line.sender, deps.identity.account);
        const unread = Math.min(thread.record.unread, after.filter(foreign).length);
        if (unread !== thread.record.unread)
          await land(deps, thread, { record: { ...thread.record, unread } });
      });
      deps.changed();
    },
    async startOver() {
      await thread.serial.run(async () => {
        const logs = [...thread.cells.values()].map((cell) => {
          const record = { ...cell.state.record, status: 'retired' as const };
          return [cell, { ...cell.state, record, pending: undefined }] as const;
        });
        await land(deps, thread, { logs });
      });
      sender.pump();
    },
    review() {
      sender.pump();
      for (const cell of thread.cells.values()) void commits.tend(cell).catch(deps.failed);
    },
    view(peer) {
      const { record } = thread;
      const queued = thread.outbox.rows().filter((row) => row.record.kind === 'text');
      return {
        key,
        kind: 'direct',
        peer,
        total: record.total,
        unread: record.unread,
        queued: queued.map((row) => queuedView(row.record)),
        last: record.last === undefined ? undefined : lineView(record.last, record.total - 1),
        deliveredUpTo: record.deliveredUpTo,
        blocked: deps.alarms.isBlocked(key),
        revision: record.revision,
      };
    },
    total: () => thread.record.total,
    lastActivity: () =>
      thread.outbox.rows().reduce((time, row) => Math.max(time, row.record.time), thread.record.time),
    log: (hex) => thread.cells.get(hex)?.state,
    activeLogs: () => [...thread.cells.values()].map((cell) => cell.state),
  };
}

function dueReports(thread: ThreadState) {
  return [...thread.cells.values()].filter(
    ({ state }) => state.record.status === 'active' && state.record.heardUpTo > state.record.reportedUpTo,
  );
}
