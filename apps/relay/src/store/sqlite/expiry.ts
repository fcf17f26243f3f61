import { digestMessage, expiryTime } from '../log-rules.ts';
import type { Database } from './database.ts';

/** Entries, and logs, of one step: the writer serves others between two steps. */
const STEP_ENTRIES = 500;
const STEP_LOGS = 100;

export interface ExpiryStep {
  readonly expired: number;
  /** Where the next step goes on; undefined when all logs were seen. */
  readonly next: number | undefined;
}

/**
 * Takes the bodies of expired entries of the logs after row `after`, and leaves digests so that a late retry is still
 * known; once they are twice as old the rows go too, but for the last of a log, which carries `seq` on. Runs inside a
 * transaction of the caller.
 */
export function expireStep(db: Database, now: number, after: number): ExpiryStep {
  const logs = db.all(
    'SELECT key, entry_days FROM logs WHERE key > ? ORDER BY key LIMIT ?',
    after,
    STEP_LOGS,
  );
  let expired = 0;
  for (const row of logs) {
    const log = Number(row.key);
    const days = Number(row.entry_days);
    dropOld(db, log, expiryTime(now, 2 * days));
    expired += stripBodies(db, log, expiryTime(now, days));
    // The same log again: it may have more.
    if (expired >= STEP_ENTRIES) return { expired, next: log - 1 };
  }
  return { expired, next: logs.length === STEP_LOGS ? Number(logs.at(-1)?.key) : undefined };
}

function stripBodies(db: Database, log: number, before: number): number {
  const sql =
    'SELECT seq, digest, body FROM entries WHERE log = ? AND time < ? AND body IS NOT NULL ORDER BY seq LIMIT ?';
  const rows = db.all(sql, log, before, STEP_ENTRIES);
  for (const { seq, digest, body } of rows) {
    const kept = digest ?? digestMessage(body as Uint8Array);
    db.run('UPDATE entries SET digest = ?, body = NULL WHERE log = ? AND seq = ?', kept, log, Number(seq));
  }
  return rows.length;
}

function dropOld(db: Database, log: number, before: number): void {
  const old = `SELECT seq FROM entries WHERE log = ?1 AND time < ?2 AND body IS NULL
    AND seq < (SELECT max(seq) FROM entries WHERE log = ?1)`;
  const some = db.get(`${old} LIMIT 1`, log, before);
  if (some === undefined) return;
  db.run(`DELETE FROM entry_ids WHERE log = ?1 AND seq IN (${old})`, log, before);
  db.run(`DELETE FROM entries WHERE log = ?1 AND seq IN (${old})`, log, before);
}
