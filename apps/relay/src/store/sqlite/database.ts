import {
  backup,
  DatabaseSync,
  type SQLInputValue,
  type SQLOutputValue,
  type StatementSync,
} from 'node:sqlite';

/**
 * One step of the schema. Each store exports its own ordered list; names are unique and never reused. A step that has
 * shipped is never edited: add another one.
 */
export interface Migration {
  /** `<store>-<number>`, such as `logs-1`. */
  readonly name: string;
  readonly sql: string;
}

export type Row = Record<string, SQLOutputValue>;

/** One open SQLite file. Only drivers in this folder see it. */
export interface Database {
  /** A prepared statement for reading, compiled once for each text. */
  prepare(sql: string): StatementSync;
  exec(sql: string): void;
  /** Runs `work` in one immediate transaction: all of it is on disk when this returns, none of it when it throws. */
  transaction<T>(work: () => T): T;
  /** The same, but a power cut may take it back, whole; the end of the process does not. It does not wait for the disk. */
  looseTransaction<T>(work: () => T): T;
  get(sql: string, ...values: SQLInputValue[]): Row | undefined;
  all(sql: string, ...values: SQLInputValue[]): Row[];
  run(sql: string, ...values: SQLInputValue[]): { readonly changes: number };
  /**
   * Writes the file as it is at one moment to another path, while it is in use. With `atOnce`, in one step: other
   * connections may write meanwhile, and what they write is not in it. Without, only this connection may.
   */
  backUp(path: string, atOnce?: boolean): Promise<void>;
  close(): void;
}

export interface DatabaseOptions {
  /** File path, or `:memory:`. */
  readonly path: string;
  readonly migrations: readonly Migration[];
  /** Largest size of the file in pages of 4 KiB: for tests of a full disk. */
  readonly maxPages?: number;
  /** Longest wait for another connection's transaction, milliseconds; 10 s when not given. */
  readonly waitMs?: number;
}

const ALL_PAGES = 2 ** 31 - 1;

/** WAL frames after which SQLite copies them into the file: 16 MiB, so that a busy relay does not checkpoint every second. */
const CHECKPOINT_PAGES = 4096;

/**
 * Opens (and makes) a database: write-ahead log, `synchronous=FULL` so that a transaction that returned survives a power
 * cut, and every migration that this file has not seen. Several connections may share a file: a writer waits up to 10 s
 * for the other's transaction. Throws when the file is not a database or belongs to a newer Sotto.
 */
export function openDatabase(options: DatabaseOptions): Database {
  const db = new DatabaseSync(options.path, { timeout: options.waitMs ?? 10_000, defensive: true });
  db.exec('PRAGMA journal_mode = WAL');
  db.exec('PRAGMA synchronous = FULL');
  db.exec('PRAGMA foreign_keys = ON');
  // What is deleted (expired entries, trimmed Welcomes) is overwritten, not left in free pages.
  db.exec('PRAGMA secure_delete = ON');
  db.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  db.exec('PRAGMA cache_size = -32000');
  if (options.maxPages !== undefined) db.exec(`PRAGMA max_page_count = ${options.maxPages}`);
  const database = wrap(db);
  migrate(database, options.migrations);
  return database;
}

/** A statement, and whether it only reads. */
interface Prepared {
  readonly statement: StatementSync;
  readonly reads: boolean;
}

function wrap(db: DatabaseSync): Database {
  const known = new Map<string, Prepared>();
  const find = (sql: string): Prepared => {
    const found = known.get(sql);
    if (found !== undefined) return found;
    const prepared = { statement: db.prepare(sql), reads: /^\s*SELECT\b/.test(sql) };
    known.set(sql, prepared);
    return prepared;
  };
  const waitForDisk = createDiskWait(db);
  /** Whatever may write waits for the disk, unless it is part of a transaction that does not. */
  const use = (sql: string): StatementSync => {
    const { statement, reads } = find(sql);
    if (!reads) waitForDisk(true);
    return statement;
  };
  const inTransaction = createTransactions(db, find('BEGIN IMMEDIATE').statement, find('COMMIT').statement);
  return {
    prepare: use,
    exec(sql) {
      waitForDisk(true);
      db.exec(sql);
    },
    transaction(work) {
      waitForDisk(true);
      return inTransaction(work);
    },
    looseTransaction(work) {
      waitForDisk(false);
      return inTransaction(work);
    },
    get: (sql, ...values) => use(sql).get(...values),
    all: (sql, ...values) => use(sql).all(...values),
    run: (sql, ...values) => ({ changes: Number(use(sql).run(...values).changes) }),
    async backUp(path, atOnce = false) {
      await backup(db, path, { rate: atOnce ? ALL_PAGES : 100 });
    },
    close: () => db.close(),
  };
}

/**
 * Says before each write whether it waits for the disk. The connection is told only when that changes: many small writes that do
 * not wait come one after the other. Within a transaction it stays as it was at its begin.
 */
function createDiskWait(db: DatabaseSync): (wait: boolean) => void {
  let waits = true;
  return (wait) => {
    if (wait === waits || db.isTransaction) return;
    db.exec(`PRAGMA synchronous = ${wait ? 'FULL' : 'NORMAL'}`);
    waits = wait;
  };
}

function createTransactions(db: DatabaseSync, begin: StatementSync, commit: StatementSync) {
  return <T>(work: () => T): T => {
    begin.run();
    try {
      const result = work();
      commit.run();
      return result;
    } catch (error) {
      // SQLite rolls back by itself on some errors (a full disk among them): a second ROLLBACK would throw.
      if (db.isTransaction) db.exec('ROLLBACK');
      throw error;
    }
  };
}

function migrate(db: Database, migrations: readonly Migration[]): void {
  db.transaction(() => {
    db.exec('CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY) WITHOUT ROWID');
    const applied = new Set(db.all('SELECT name FROM migrations').map((row) => row.name));
    for (const { name, sql } of migrations) {
      if (applied.has(name)) continue;
      db.exec(sql);
      db.run('INSERT INTO migrations (name) VALUES (?)', name);
    }
  });
}

/** Whether an error says that there is no space left: in the file, on the disk, or for the index of the write-ahead log. */
export function isStorageFull(error: unknown): boolean {
  const code = sqliteCode(error);
  return (code & 0xff) === SQLITE_FULL || code === SQLITE_IOERR_SHMSIZE;
}

const SQLITE_FULL = 13;
const SQLITE_IOERR_SHMSIZE = 4874;

function sqliteCode(error: unknown): number {
  if (!(error instanceof Error) || !('errcode' in error)) return 0;
  return typeof error.errcode === 'number' ? error.errcode : 0;
}
