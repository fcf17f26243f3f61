import { type AckOf, type EntryId, encodeHex, equalBytes, type LogId } from '@sotto/protocol';
import { encodeDelivered, encodeText } from '../content/content.ts';
import { encodePayload } from '../content/payload.ts';
import type { Unreachable } from '../link/relay-link.ts';
import type { MlsGroup } from '../mls/door.ts';
import type { SealedWrite } from '../store/collections.ts';
import type { ConversationDeps } from './deps.ts';
import type { Follower } from './follow.ts';
import type { LogState } from './log-state.ts';
import { sealWrites } from './log-state.ts';
import { isSealedFor, type OutboxRow } from './outbox.ts';
import type { OutboxRecord } from './records.ts';
import { accessTokenOf, chooseLog, type LogCell, type ThreadState } from './thread-state.ts';

/** Entries of one log on their way at a time. */
const WINDOW = 64;

/** Brings the outbox into the log: durable first, sealed and durable second, sent third. */
export interface Sender {
  /** Resolves when the row is on disk. Throws StoreError when it is not. */
  queue(record: OutboxRecord): Promise<void>;
  /** Seals what can be sealed and sends what is sealed. */
  pump(): void;
}

interface Intake {
  readonly record: OutboxRecord;
  readonly durable: PromiseWithResolvers<void>;
}

/** @param needLog called when rows wait and the thread has no log to take them. */
export function createSender(
  deps: ConversationDeps,
  thread: ThreadState,
  follower: () => Follower,
  needLog: () => void,
): Sender {
  let intake: Intake[] = [];
  let pumping = false;
  let resting = false;

  function pump(): void {
    if (pumping) return;
    pumping = true;
    thread.serial.run(pumpOnce).catch(deps.failed);
  }

  /** Takes all that was queued since the last time: rows that come together share the step. */
  async function pumpOnce(): Promise<void> {
    pumping = false;
    const fresh = intake;
    intake = [];
    const target = await chooseLog(deps, thread);
    try {
      await sealAndStore(fresh, target);
      for (const { durable } of fresh) durable.resolve();
    } catch (thrown) {
      for (const { durable } of fresh) durable.reject(thrown);
      if (fresh.length === 0) throw thrown;
      return;
    }
    if (fresh.length > 0) deps.changed();
    const waits = thread.outbox.rows().some((row) => row.record.kind === 'text' && !row.record.failed);
    if (target === undefined && waits && !deps.alarms.isBlocked(thread.key)) needLog();
    for (const cell of thread.cells.values()) await transmit(cell);
  }

  async function sealAndStore(fresh: readonly Intake[], target: LogCell | undefined): Promise<void> {
    const prepared = fresh.map(({ record }) => thread.outbox.prepare(record));
    const writes = new Map<OutboxRow, SealedWrite[]>(
      prepared.map(({ row, writes: made }) => [row, [...made]]),
    );
    const rows = [...thread.outbox.rows(), ...prepared.map(({ row }) => row)];
    const groups = new Map<LogCell, MlsGroup>();
    const room = new Map<LogCell, number>();
    const sealed: OutboxRow[] = [];
    for (const row of rows) {
      const cell = cellFor(row, target);
      if (cell === undefined || !maySeal(cell) || !isDue(row.record, cell.state)) continue;
      const group = groups.get(cell) ?? cell.state.group;
      const left = room.get(cell) ?? WINDOW - countUnderWay(cell.state);
      if (group === undefined || left <= 0) continue;
      room.set(cell, left - 1);
      const next = await seal(cell.state, group, row);
      groups.set(cell, next.group);
      sealed.push(next.row);
      // The row of a fresh message is written once, sealed; one that waited on disk is overwritten.
      writes.set(row, [
        ...(writes.get(row)?.slice(1) ?? []),
        ...thread.outbox.replaceWrites(row, next.row.record),
      ]);
    }
    const all = [...writes.values()].flat();
    for (const [cell, group] of groups) all.push(...sealWrites(cell.state, group));
    if (all.length > 0) await deps.store.step(all);
    thread.outbox.adopt([...prepared.map(({ row }) => row), ...sealed]);
    for (const [cell, group] of groups) {
      cell.state = { ...cell.state, group };
      group.eraseSpent();
    }
  }

  /** Reports go to the log they are about; texts to the log of the thread. */
  function cellFor({ record }: OutboxRow, target: LogCell | undefined): LogCell | undefined {
    if (record.failed) return undefined;
    if (record.kind === 'text') return target;
    return record.log === undefined ? undefined : thread.cells.get(encodeHex(record.log));
  }

  /** While a commit of ours is under way, what is sealed under the old epoch would only come back. */
  function maySeal({ state }: LogCell): boolean {
    return (
      state.record.status === 'active' && state.pending === undefined && !deps.alarms.isBlocked(thread.key)
    );
  }

  /**
   * Not sealed yet, or sealed under an epoch that ended without it. Sealing again under the same id is sound although the
   * id is looked up first at the relay: every entry of the ended epoch, up to the commit that ended it, has been processed
   * here, and this row, bytes and all, was not among them. So it is in no honest reader's log, and since a log takes
   * entries of its current epoch alone, the old bytes cannot get in any more. What a lying relay says does not matter.
   */
  function isDue(record: OutboxRecord, state: LogState): boolean {
    if (record.body === undefined || record.log === undefined || record.epoch === undefined) return true;
    const sealedIn = thread.cells.get(encodeHex(record.log))?.state;
    if (sealedIn === undefined) return false;
    if (!equalBytes(record.log, state.id) && sealedIn.record.status !== 'active') return false;
    return record.epoch < (sealedIn.group?.epoch ?? 0);
  }

  function countUnderWay({ id, group }: LogState): number {
    const epoch = group?.epoch ?? 0;
    return thread.outbox.rows().filter(({ record }) => isSealedFor(record, id, epoch)).length;
  }

  async function seal(state: LogState, group: MlsGroup, row: OutboxRow) {
    const { cursor: seq, hash, before } = state.record;
    const salt = deps.random(16);
    const { record } = row;
    const content =
      record.kind === 'text' ? encodeText(record.text, salt) : encodeDelivered(record.upTo, salt);
    const payload = encodePayload({ transcript: { seq, hash, before }, content });
    const { group: next, body } = await group.sealMessage(payload);
    const sealed = { ...record, log: state.id, epoch: group.epoch, body };
    return { group: next, row: { order: row.order, record: sealed, progress: 'waiting' as const } };
  }

  /** Sends sealed rows in order, without waiting for one before the next. */
  async function transmit(cell: LogCell): Promise<void> {
    const { state } = cell;
    const token = await accessTokenOf(cell);
    const epoch = state.group?.epoch;
    if (token === undefined || epoch === undefined || !deps.isOnline() || resting) return;
    if (state.record.status !== 'active') return;
    for (const row of thread.outbox.rows()) {
      const { record } = row;
      if (row.progress !== 'waiting' || record.failed || record.body === undefined) continue;
      if (!isSealedFor(record, state.id, epoch)) continue;
      row.progress = 'in_flight';
      const { body } = record;
      const request = { log: state.id as LogId, token, id: record.id as EntryId, epoch, body };
      deps.link
        .request('log:append', request)
        .then((answer) => answered(cell, row, epoch, body, answer))
        .catch(deps.failed);
    }
  }

  async function answered(
    cell: LogCell,
    row: OutboxRow,
    epoch: number,
    body: Uint8Array,
    answer: AckOf<'log:append'> | Unreachable,
  ): Promise<void> {
    if (answer.ok) {
      row.progress = 'acked';
      const { seq, time } = answer;
      follower().offer(cell, [{ seq, time, id: row.record.id as EntryId, epoch, kind: 'message', body }]);
      return;
    }
    row.progress = 'waiting';
    if (answer.code === 'epoch_moved' || answer.code === 'token_refused' || answer.code === 'log_unknown') {
      await follower().catchUp(cell);
      // A relay that says so without an epoch to show for it is not asked at full speed.
      if (cell.state.group?.epoch === epoch) rest(2);
      else pump();
    } else if (
      answer.code === 'id_conflict' ||
      answer.code === 'too_large' ||
      answer.code === 'bad_request'
    ) {
      await fail(row);
    } else if (answer.code !== 'offline' && answer.code !== 'malformed_answer') {
      rest(('retryAfter' in answer ? answer.retryAfter : undefined) ?? 2);
    }
  }

  /** The relay asks for a pause, or has no room: everything stays queued. */
  function rest(seconds: number): void {
    if (resting) return;
    resting = true;
    deps.clock.after(seconds * 1000, () => {
      resting = false;
      pump();
    });
  }

  async function fail(row: OutboxRow): Promise<void> {
    await thread.serial.run(async () => {
      const current = thread.outbox.find(encodeHex(row.record.id));
      if (current === undefined) return;
      const record = { ...current.record, failed: true };
      await deps.store.step(thread.outbox.replaceWrites(current, record));
      thread.outbox.adopt([{ order: current.order, record, progress: 'waiting' }]);
    });
    deps.changed();
  }

  return {
    async queue(record) {
      const durable = Promise.withResolvers<void>();
      intake.push({ record, durable });
      pump();
      await durable.promise;
    },
    pump,
  };
}
