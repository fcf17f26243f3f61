import type { Count, CounterStore } from '../counter-store.ts';
import { readInteger } from './columns.ts';
import type { Database, Migration, Row } from './database.ts';
import { createLooseTurns } from './loose-turns.ts';
import { step } from './step.ts';

export const COUNTER_MIGRATIONS: readonly Migration[] = [
  {
    name: 'counters-1',
    sql: `
      CREATE TABLE counters (
        key TEXT PRIMARY KEY,
        count INTEGER NOT NULL,
        last_at INTEGER NOT NULL,
        forgotten_at INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID`,
  },
];

const NOTHING: Count = { count: 0, lastAt: 0, forgottenAt: 0 };

/**
 * Counts that outlive the process. A power cut may forgive the last of them: they do not wait for the disk, so that who
 * guesses passwords does not make others wait for it. Of more than `capacity` those that grew longest ago go.
 */
export function createSqliteCounters(db: Database, capacity = 200_000): CounterStore {
  /** Never less than there are: what was counted last, and every addition since that may have made a row. */
  let atMost = countRows(db);
  const bound = (): void => {
    if (atMost <= capacity) return;
    atMost = countRows(db);
    if (atMost > capacity) atMost -= dropOldest(db, atMost - Math.floor(capacity * 0.9));
  };
  const change = createLooseTurns(db);
  return {
    read: (key, now) =>
      step(() => {
        const row = db.get('SELECT * FROM counters WHERE key = ? AND forgotten_at > ?', key, now);
        return row === undefined ? NOTHING : readCount(row);
      }),
    add: (key, seconds, now, window = 'fixed') =>
      change(() => {
        const count = addOne(db, key, { now, end: now + seconds * 1000, slides: window === 'sliding' });
        if (count.count === 1) atMost += 1;
        bound();
        return count;
      }),
    takeBack: (key) =>
      change(() => void db.run('UPDATE counters SET count = count - 1 WHERE key = ? AND count > 0', key)),
    forget: (key) => change(() => void db.run('DELETE FROM counters WHERE key = ?', key)),
    sweep: (now) => step(() => void db.run('DELETE FROM counters WHERE forgotten_at <= ?', now)),
  };
}

interface Addition {
  readonly now: number;
  /** When a window that begins now is over. */
  readonly end: number;
  readonly slides: boolean;
}

function addOne(db: Database, key: string, { now, end, slides }: Addition): Count {
  const row = db.get(
    `INSERT INTO counters (key, count, last_at, forgotten_at) VALUES (?1, 1, ?2, ?3)
     ON CONFLICT (key) DO UPDATE SET
       count = iif(forgotten_at > ?2, count + 1, 1),
       last_at = ?2,
       forgotten_at = iif(?4 = 1 OR forgotten_at <= ?2 OR count = 0, ?3, forgotten_at)
     RETURNING *`,
    key,
    now,
    end,
    slides ? 1 : 0,
  );
  if (row === undefined) throw new Error('an addition gives its row');
  return readCount(row);
}

function countRows(db: Database): number {
  const row = db.get('SELECT count(*) AS rows FROM counters');
  return row === undefined ? 0 : readInteger(row, 'rows');
}

function dropOldest(db: Database, many: number): number {
  return db.run('DELETE FROM counters WHERE key IN (SELECT key FROM counters ORDER BY last_at LIMIT ?)', many)
    .changes;
}

function readCount(row: Row): Count {
  return {
    count: readInteger(row, 'count'),
    lastAt: readInteger(row, 'last_at'),
    forgottenAt: readInteger(row, 'forgotten_at'),
  };
}
