import type { Migration } from './database.ts';

/**
 * Tables of logs and inboxes. There is no table of members, and no column that says who appended or when a Welcome came.
 *
 * An entry is first written to `journal`, one row for all that became durable together, and moved later, log by log, to
 * `entries`: a row of its own at once would dirty two pages for each entry (its log's, its id's), which measured eight
 * times the processor time and four times the wait.
 */
export const LOG_MIGRATIONS: readonly Migration[] = [
  {
    name: 'logs-1',
    sql: `
      CREATE TABLE logs (
        key INTEGER PRIMARY KEY,
        log BLOB NOT NULL UNIQUE,
        entry_days INTEGER NOT NULL
      ) STRICT;
      CREATE TABLE epochs (
        log INTEGER NOT NULL REFERENCES logs (key),
        epoch INTEGER NOT NULL,
        token_hash BLOB NOT NULL,
        ended_at INTEGER,
        PRIMARY KEY (log, epoch)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE journal (
        n INTEGER PRIMARY KEY,
        run BLOB NOT NULL
      ) STRICT;
      CREATE TABLE entries (
        log INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        id BLOB NOT NULL,
        epoch INTEGER NOT NULL,
        is_commit INTEGER NOT NULL,
        time INTEGER NOT NULL,
        digest BLOB,
        body BLOB,
        PRIMARY KEY (log, seq)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE entry_ids (
        log INTEGER NOT NULL,
        id BLOB NOT NULL,
        seq INTEGER NOT NULL,
        PRIMARY KEY (log, id)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE inboxes (
        address BLOB PRIMARY KEY,
        last INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE inbox_items (
        address BLOB NOT NULL,
        seq INTEGER NOT NULL,
        expiry_day INTEGER NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (address, seq)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX inbox_items_expiry ON inbox_items (expiry_day);
    `,
  },
  { name: 'logs-2', sql: 'CREATE TABLE probe (id INTEGER PRIMARY KEY, at INTEGER NOT NULL) STRICT' },
];
