import { encodeHex, equalBytes } from '@sotto/protocol';
import type { SealedWrite } from '../store/collections.ts';
import type { SealedStore } from '../store/sealed-store.ts';
import { type OutboxRecord, outbox } from './records.ts';

/** A row on its way. `waiting`: not given to this connection; `acked`: the relay has it, our cursor does not yet. */
export interface OutboxRow {
  readonly order: number;
  readonly record: OutboxRecord;
  progress: 'waiting' | 'in_flight' | 'acked';
}

/** The own entries of a thread that are not in the log yet, in the order they were queued. */
export interface Outbox {
  rows(): readonly OutboxRow[];
  /** The row of an entry id, or undefined. */
  find(id: string): OutboxRow | undefined;
  /** A row to be added, and the writes that make it durable; `adopt` once they are on disk. */
  prepare(record: OutboxRecord): { readonly row: OutboxRow; readonly writes: readonly SealedWrite[] };
  /** A row with other contents: sealed, sealed again, failed. */
  replaceWrites(row: OutboxRow, record: OutboxRecord): SealedWrite[];
  adopt(rows: readonly OutboxRow[]): void;
  removeWrites(ids: readonly string[]): SealedWrite[];
  remove(ids: readonly string[]): void;
  /** The connection is gone: what was on its way may or may not have arrived, and goes again with the same bytes. */
  forgetConnection(): void;
}

export async function loadOutbox(store: SealedStore, thread: string): Promise<Outbox> {
  const found = await store.range(outbox.range([thread]));
  const stored = found.map(({ key, value }) => ({ order: Number(key[2]), record: value }));
  return createOutbox(thread, stored);
}

function createOutbox(
  thread: string,
  stored: readonly { readonly order: number; readonly record: OutboxRecord }[],
): Outbox {
  const rowById = new Map<string, OutboxRow>();
  let nextOrder = 0;

  function adopt(rows: readonly OutboxRow[]): void {
    for (const row of rows) {
      rowById.set(encodeHex(row.record.id), row);
      nextOrder = Math.max(nextOrder, row.order + 1);
    }
  }
  adopt(stored.map((row) => ({ ...row, progress: 'waiting' })));

  return {
    rows: () => [...rowById.values()],
    find: (id) => rowById.get(id),
    prepare(record) {
      const row: OutboxRow = { order: nextOrder, record, progress: 'waiting' };
      nextOrder += 1;
      return { row, writes: [outbox.put([thread, row.order], record)] };
    },
    replaceWrites: (row, record) => [outbox.put([thread, row.order], record)],
    adopt,
    removeWrites: (ids) =>
      ids.flatMap((id) => {
        const row = rowById.get(id);
        return row === undefined ? [] : [outbox.remove(thread, row.order)];
      }),
    remove(ids) {
      for (const id of ids) rowById.delete(id);
    },
    forgetConnection() {
      for (const row of rowById.values()) row.progress = 'waiting';
    },
  };
}

/** Whether the row is sealed for this log in this epoch: such bytes are sent as they are, again and again. */
export function isSealedFor(record: OutboxRecord, log: Uint8Array, epoch: number): boolean {
  return (
    record.log !== undefined &&
    record.epoch === epoch &&
    equalBytes(record.log, log) &&
    record.body !== undefined
  );
}
