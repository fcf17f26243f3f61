import type { KnownEntry } from '../log-rules.ts';
import type { Database } from './database.ts';
import { decodeJournal, encodeJournal, type HeldEntry } from './journal.ts';

/** One journal row, and how many of its entries have not been moved yet. */
interface JournalRow {
  readonly n: number;
  left: number;
}

interface TailEntry {
  readonly entry: HeldEntry;
  readonly row: JournalRow;
}

interface LogTail {
  readonly entries: TailEntry[];
  readonly byId: Map<string, HeldEntry>;
}

/**
 * Entries that are durable in the journal and not yet in `entries`: the newest of each log, held in memory too. All
 * methods but the reading ones run inside a transaction of the caller; when that fails, make a new tail from the file.
 */
export interface Tail {
  /** Entries waiting. */
  readonly size: number;
  /** Takes an entry into the journal row being written. */
  push(entry: HeldEntry): void;
  /** Writes that row. */
  writeRow(): void;
  /** The transaction of that row succeeded. */
  keepRow(): void;
  /** It failed, and nothing was settled in it: memory is as it was before, and the file need not be asked. */
  dropRow(): void;
  /** Entries of a log in order; none when all were moved. */
  entriesOf(log: number): Iterable<HeldEntry>;
  lastOf(log: number): HeldEntry | undefined;
  find(log: number, id: Uint8Array): KnownEntry | undefined;
  /** Moves whole logs, the longest waiting first, until `count` entries were moved or none is left. */
  settle(count: number): void;
}

/** The tail that the journal of a file holds. */
export function loadTail(db: Database): Tail {
  const logs = new Map<number, LogTail>();
  const rows: JournalRow[] = [];
  let size = 0;
  let staged: { row: JournalRow; entries: HeldEntry[] } | undefined;

  const hold = (entry: HeldEntry, row: JournalRow): void => {
    let tail = logs.get(entry.log);
    if (tail === undefined) {
      tail = { entries: [], byId: new Map() };
      logs.set(entry.log, tail);
    }
    tail.entries.push({ entry, row });
    tail.byId.set(idKey(entry.id), entry);
    row.left += 1;
    size += 1;
  };

  /** The newest of its log. */
  const release = (entry: HeldEntry): void => {
    const tail = logs.get(entry.log);
    if (tail === undefined) return;
    tail.entries.pop();
    tail.byId.delete(idKey(entry.id));
    if (tail.entries.length === 0) logs.delete(entry.log);
    size -= 1;
  };

  let lastRow = loadRows(db, rows, hold);

  return {
    get size() {
      return size;
    },
    push(entry) {
      if (staged === undefined) {
        lastRow += 1;
        staged = { row: { n: lastRow, left: 0 }, entries: [] };
        rows.push(staged.row);
      }
      staged.entries.push(entry);
      hold(entry, staged.row);
    },
    writeRow() {
      if (staged === undefined) return;
      db.run('INSERT INTO journal (n, run) VALUES (?, ?)', staged.row.n, encodeJournal(staged.entries));
    },
    keepRow() {
      staged = undefined;
    },
    dropRow() {
      if (staged === undefined) return;
      for (const entry of staged.entries) release(entry);
      rows.pop();
      lastRow -= 1;
      staged = undefined;
    },
    *entriesOf(log) {
      for (const { entry } of logs.get(log)?.entries ?? []) yield entry;
    },
    lastOf: (log) => logs.get(log)?.entries.at(-1)?.entry,
    find: (log, id) => logs.get(log)?.byId.get(idKey(id)),
    settle(count) {
      const moving: HeldEntry[] = [];
      for (const [log, tail] of logs) {
        if (moving.length >= count) break;
        for (const { entry, row } of tail.entries) {
          moving.push(entry);
          row.left -= 1;
        }
        logs.delete(log);
      }
      size -= moving.length;
      // First, so that on a full disk the pages they leave take the entries.
      dropRows(db, rows);
      for (const entry of moving) moveEntry(db, entry);
    },
  };
}

/** Holds what the journal has and `entries` has not. Answers the number of the last row. */
function loadRows(
  db: Database,
  rows: JournalRow[],
  hold: (entry: HeldEntry, row: JournalRow) => void,
): number {
  const settled = new Map<number, number>();
  for (const { n, run } of db.all('SELECT n, run FROM journal ORDER BY n')) {
    const row = { n: Number(n), left: 0 };
    rows.push(row);
    for (const entry of decodeJournal(run as Uint8Array)) {
      const moved = settled.get(entry.log) ?? lastSettled(db, entry.log);
      settled.set(entry.log, moved);
      if (entry.seq > moved) hold(entry, row);
    }
  }
  return rows.at(-1)?.n ?? 0;
}

function lastSettled(db: Database, log: number): number {
  return Number(db.get('SELECT max(seq) AS seq FROM entries WHERE log = ?', log)?.seq ?? 0);
}

function moveEntry(db: Database, { log, seq, id, epoch, kind, time, digest, body }: HeldEntry): void {
  db.run(
    'INSERT INTO entries (log, seq, id, epoch, is_commit, time, digest, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    log,
    seq,
    id,
    epoch,
    kind === 'commit' ? 1 : 0,
    time,
    digest ?? null,
    body,
  );
  db.run('INSERT INTO entry_ids (log, id, seq) VALUES (?, ?, ?)', log, id, seq);
}

/** Journal rows go in order, once nothing before them is waiting. */
function dropRows(db: Database, rows: JournalRow[]): void {
  const kept = rows.findIndex((row) => row.left > 0);
  const done = rows.splice(0, kept === -1 ? rows.length : kept);
  const last = done.at(-1);
  if (last !== undefined) db.run('DELETE FROM journal WHERE n <= ?', last.n);
}

function idKey(id: Uint8Array): string {
  return Buffer.from(id.buffer, id.byteOffset, id.length).toString('latin1');
}
