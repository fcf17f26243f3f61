import { type AckOf, type EntryId, encodeHex, type LogId } from '@sotto/protocol';
import type { Unreachable } from '../link/relay-link.ts';
import type { ConversationDeps } from './deps.ts';
import type { Follower } from './follow.ts';
import { isSealedFor, type OutboxRow } from './outbox.ts';
import { accessTokenOf, type LogCell, type ThreadState } from './thread-state.ts';

/** Sends sealed rows in order, without waiting for one before the next. */
export interface Transmitter {
  send(cell: LogCell): Promise<void>;
}

/** @param pump called when rows may be looked at again. */
export function createTransmitter(
  deps: ConversationDeps,
  thread: ThreadState,
  follower: () => Follower,
  pump: () => void,
): Transmitter {
  let resting = false;

  /** The relay asks for a pause, or has no room: everything stays queued. */
  function rest(seconds: number): void {
    if (resting) return;
    resting = true;
    deps.clock.after(seconds * 1000, () => {
      resting = false;
      pump();
    });
  }

  async function refused(
    cell: LogCell,
    row: OutboxRow,
    answer: Exclude<AckOf<'log:append'>, { ok: true }> | Unreachable,
  ): Promise<void> {
    row.progress = 'waiting';
    const epoch = row.record.epoch;
    switch (answer.code) {
      case 'epoch_moved':
      case 'token_refused':
      case 'log_unknown':
        await follower().catchUp(cell);
        // A relay that says so without an epoch to show for it is not asked at full speed.
        if (cell.state.group?.epoch === epoch) rest(2);
        else pump();
        return;
      case 'id_conflict':
      case 'too_large':
      case 'bad_request':
        await giveUp(deps, thread, row);
        return;
      case 'offline':
      case 'malformed_answer':
        // Sent again, the same bytes, when the connection is back.
        return;
      default:
        rest(answer.retryAfter ?? 2);
    }
  }

  async function sendRow(cell: LogCell, row: OutboxRow, place: Place): Promise<void> {
    const { id, body } = row.record;
    if (body === undefined) return;
    row.progress = 'in_flight';
    const answer = await deps.link.request('log:append', { ...place, id: id as EntryId, body });
    if (!answer.ok) return await refused(cell, row, answer);
    row.progress = 'acked';
    const { seq, time } = answer;
    const { epoch } = place;
    // Read from the log before its ack came.
    if (thread.outbox.find(encodeHex(id)) === undefined) return;
    follower().offerAcked(cell, [{ seq, time, id: id as EntryId, epoch, kind: 'message', body }]);
    if (seq <= cell.state.record.cursor) await thread.serial.run(() => requirePlace(cell, row));
  }

  /** An honest ack names a place that is still to come, or one where the cursor met this very entry. */
  async function requirePlace(cell: LogCell, row: OutboxRow): Promise<void> {
    const isSettled = thread.outbox.find(encodeHex(row.record.id)) === undefined;
    if (isSettled || cell.state.record.status !== 'active') return;
    await deps.alarms.raise('history_missing', { conversation: thread.key });
  }

  return {
    async send(cell) {
      const { id, group, record } = cell.state;
      const token = await accessTokenOf(cell);
      if (token === undefined || group === undefined || record.status !== 'active') return;
      if (!deps.isOnline() || resting) return;
      const place = { log: id as LogId, token, epoch: group.epoch };
      const isReady = (row: OutboxRow) =>
        row.progress === 'waiting' && !row.record.failed && isSealedFor(row.record, id, group.epoch);
      for (const row of thread.outbox.rows()) if (isReady(row)) sendRow(cell, row, place).catch(deps.failed);
    },
  };
}

interface Place {
  readonly log: LogId;
  readonly token: NonNullable<LogCell['token']>['value'];
  readonly epoch: number;
}

/** The relay will not take these bytes, whatever is done: the person sees that, and what was written stays. */
async function giveUp(deps: ConversationDeps, thread: ThreadState, row: OutboxRow): Promise<void> {
  await thread.serial.run(async () => {
    const current = thread.outbox.find(encodeHex(row.record.id));
    if (current === undefined) return;
    const record = { ...current.record, failed: true };
    await deps.store.step(thread.outbox.replaceWrites(current, record));
    thread.outbox.adopt([{ order: current.order, record, progress: 'waiting' }]);
  });
  deps.changed();
}
