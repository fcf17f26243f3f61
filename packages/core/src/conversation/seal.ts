import { encodeHex, equalBytes } from '@sotto/protocol';
import { encodeDelivered, encodeText } from '../content/content.ts';
import { encodePayload } from '../content/payload.ts';
import type { MlsGroup } from '../mls/door.ts';
import type { SealedWrite } from '../store/collections.ts';
import type { ConversationDeps } from './deps.ts';
import { type LogState, sealWrites } from './log-state.ts';
import { isSealedFor, type OutboxRow } from './outbox.ts';
import type { OutboxRecord } from './records.ts';
import type { Landing, LogCell, ThreadState } from './thread-state.ts';

/** Entries of one log sealed and not yet in the log, at most. */
const WINDOW = 64;

/**
 * Puts fresh rows on disk and seals every row that can be sealed, in one step: sealed bytes and the ratchet they used are
 * never apart. Inside the thread's `serial`. `beside` changes no group and no row that is sealed here. Throws StoreError; then nothing changed, on disk or here.
 */
export async function sealOutbox(
  deps: ConversationDeps,
  thread: ThreadState,
  fresh: readonly OutboxRecord[],
  target: LogCell | undefined,
  beside: Landing | undefined,
): Promise<void> {
  const prepared = fresh.map((record) => thread.outbox.prepare(record));
  const writes = new Map<OutboxRow, readonly SealedWrite[]>(
    prepared.map(({ row, writes: made }) => [row, made]),
  );
  const sealing = createSealing(deps, thread);
  const sealed: OutboxRow[] = [];
  for (const row of [...thread.outbox.rows(), ...writes.keys()]) {
    const cell = cellFor(thread, row, target);
    if (cell === undefined || !maySeal(deps, thread, cell) || !isDue(thread, row.record, cell.state))
      continue;
    const next = await sealing.seal(cell, row);
    if (next === undefined) continue;
    sealed.push(next);
    // A fresh row is written once, sealed; one that waited on disk is overwritten.
    writes.set(row, [...(writes.get(row)?.slice(1) ?? []), ...thread.outbox.replaceWrites(row, next.record)]);
  }
  const all = [...(beside?.writes ?? []), ...[...writes.values()].flat(), ...sealing.writes()];
  if (all.length > 0) await deps.store.step(all);
  beside?.adopt();
  thread.outbox.adopt([...prepared.map(({ row }) => row), ...sealed]);
  sealing.adopt();
}

/** The groups as the seals of one step move them on. */
function createSealing(deps: ConversationDeps, thread: ThreadState) {
  const groups = new Map<LogCell, MlsGroup>();
  const room = new Map<LogCell, number>();
  return {
    /** Undefined when the window is full. */
    async seal(cell: LogCell, row: OutboxRow): Promise<OutboxRow | undefined> {
      const group = groups.get(cell) ?? cell.state.group;
      const left = room.get(cell) ?? WINDOW - countUnderWay(thread, cell.state);
      if (group === undefined || left <= 0) return undefined;
      room.set(cell, left - 1);
      const { group: next, body } = await group.sealMessage(payloadOf(deps, cell.state, row.record));
      groups.set(cell, next);
      const record = { ...row.record, log: cell.state.id, epoch: group.epoch, body };
      return { order: row.order, record, progress: 'waiting' };
    },
    writes: () => [...groups].flatMap(([cell, group]) => sealWrites(cell.state, group)),
    adopt() {
      for (const [cell, group] of groups) {
        cell.state = { ...cell.state, group };
        group.eraseSpent();
      }
    },
  };
}

function payloadOf(deps: ConversationDeps, { record: log }: LogState, record: OutboxRecord): Uint8Array {
  const { cursor: seq, hash, before } = log;
  const salt = deps.random(16);
  const content = record.kind === 'text' ? encodeText(record.text, salt) : encodeDelivered(record.upTo, salt);
  return encodePayload({ transcript: { seq, hash, before }, content });
}

/** Reports go to the log they are about; texts to the log of the thread. */
function cellFor(
  thread: ThreadState,
  { record }: OutboxRow,
  target: LogCell | undefined,
): LogCell | undefined {
  if (record.failed) return undefined;
  if (record.kind === 'text') return target;
  return record.log === undefined ? undefined : thread.cells.get(encodeHex(record.log));
}

/** While a commit of ours is under way, what is sealed under the old epoch would only come back. */
function maySeal(deps: ConversationDeps, thread: ThreadState, { state }: LogCell): boolean {
  const { status } = state.record;
  return status === 'active' && state.pending === undefined && !deps.alarms.isBlocked(thread.key);
}

/**
 * Not sealed yet, or sealed under an epoch that ended without it. Sealing again under the same id is sound although the
 * id is looked up first at the relay: every entry of the ended epoch, up to the commit that ended it, has been processed
 * here, and this row, bytes and all, was not among them. So it is in no honest reader's log, and since a log takes
 * entries of its current epoch alone, the old bytes cannot get in any more. What a lying relay says does not matter.
 */
function isDue(thread: ThreadState, record: OutboxRecord, state: LogState): boolean {
  if (record.body === undefined || record.log === undefined || record.epoch === undefined) return true;
  const sealedIn = thread.cells.get(encodeHex(record.log))?.state;
  if (sealedIn === undefined) return false;
  if (!equalBytes(record.log, state.id) && sealedIn.record.status !== 'active') return false;
  return record.epoch < (sealedIn.group?.epoch ?? 0);
}

function countUnderWay(thread: ThreadState, { id, group }: LogState): number {
  const epoch = group?.epoch ?? 0;
  return thread.outbox.rows().filter(({ record }) => isSealedFor(record, id, epoch)).length;
}
