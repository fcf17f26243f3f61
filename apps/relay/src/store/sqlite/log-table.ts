import type { EntryId, LogId, TokenHash } from '@sotto/protocol';
import type { EpochState, KnownEntry } from '../log-rules.ts';
import type { Database, Row } from './database.ts';
import type { HeldEntry } from './journal.ts';
import type { Tail } from './log-tail.ts';

/** What the writer keeps of a log between two requests. The file can always give it again. */
export interface LogState {
  readonly key: number;
  readonly entryDays: number;
  /** Epochs asked for so far, the current one always. */
  readonly epochs: Map<number, EpochState>;
  epoch: number;
  seq: number;
  /** Of the last entry: times of a log never go back, or a clock that does would expire entries out of order. */
  time: number;
}

/** Undefined when there is no such log. */
export function loadLog(db: Database, tail: Tail, log: LogId): LogState | undefined {
  const row = db.get('SELECT key, entry_days FROM logs WHERE log = ?', log);
  if (row === undefined) return undefined;
  const key = Number(row.key);
  const epoch = Number(db.get('SELECT max(epoch) AS epoch FROM epochs WHERE log = ?', key)?.epoch);
  const last =
    tail.lastOf(key) ?? db.get('SELECT seq, time FROM entries WHERE log = ? ORDER BY seq DESC LIMIT 1', key);
  return {
    key,
    entryDays: Number(row.entry_days),
    epochs: new Map(),
    epoch,
    seq: Number(last?.seq ?? 0),
    time: Number(last?.time ?? 0),
  };
}

/** Undefined when the log never had this epoch. */
export function epochOf(db: Database, state: LogState, epoch: number): EpochState | undefined {
  const held = state.epochs.get(epoch);
  if (held !== undefined || epoch > state.epoch) return held;
  const row = db.get('SELECT token_hash, ended_at FROM epochs WHERE log = ? AND epoch = ?', state.key, epoch);
  if (row === undefined) return undefined;
  const loaded = {
    tokenHash: row.token_hash as Uint8Array,
    endedAt: row.ended_at === null ? undefined : Number(row.ended_at),
  };
  // Clients of old epochs read: their hashes are not worth memory.
  if (epoch === state.epoch) state.epochs.set(epoch, loaded);
  return loaded;
}

/** Adds a log in epoch 0; false when it exists. */
export function insertLog(db: Database, log: LogId, entryDays: number, tokenHash: TokenHash): boolean {
  const sql = 'INSERT INTO logs (log, entry_days) VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING key';
  const row = db.get(sql, log, entryDays);
  if (row === undefined) return false;
  db.run('INSERT INTO epochs (log, epoch, token_hash) VALUES (?, 0, ?)', Number(row.key), tokenHash);
  return true;
}

/** Ends the current epoch at `seq` and opens the next. */
export function openEpoch(db: Database, state: LogState, seq: number, tokenHash: TokenHash): void {
  db.run('UPDATE epochs SET ended_at = ? WHERE log = ? AND epoch = ?', seq, state.key, state.epoch);
  db.run(
    'INSERT INTO epochs (log, epoch, token_hash) VALUES (?, ?, ?)',
    state.key,
    state.epoch + 1,
    tokenHash,
  );
  state.epoch += 1;
  state.epochs.clear();
}

/** The moved entry that has this id. */
export function findEntry(db: Database, log: number, id: EntryId): KnownEntry | undefined {
  const at = db.get('SELECT seq FROM entry_ids WHERE log = ? AND id = ?', log, id);
  if (at === undefined) return undefined;
  const row = db.get('SELECT * FROM entries WHERE log = ? AND seq = ?', log, Number(at.seq));
  return row === undefined ? undefined : { ...toEntry(log, row), body: toBytes(row.body) };
}

/** Moved entries with a body, after `after` and up to `upTo`, one by one. */
export function* iterateEntries(
  db: Database,
  log: number,
  after: number,
  upTo: number,
): Generator<HeldEntry, void> {
  const sql =
    'SELECT * FROM entries WHERE log = ? AND seq > ? AND seq <= ? AND body IS NOT NULL ORDER BY seq';
  for (const row of db.prepare(sql).iterate(log, after, upTo)) yield toEntry(log, row);
}

function toEntry(log: number, row: Row): HeldEntry {
  return {
    log,
    seq: Number(row.seq),
    time: Number(row.time),
    id: row.id as EntryId,
    epoch: Number(row.epoch),
    kind: row.is_commit === 1 ? 'commit' : 'message',
    digest: toBytes(row.digest),
    body: toBytes(row.body) ?? new Uint8Array(),
  };
}

function toBytes(value: Row[string] | undefined): Uint8Array | undefined {
  return value instanceof Uint8Array ? value : undefined;
}
