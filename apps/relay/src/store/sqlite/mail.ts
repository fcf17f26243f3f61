import type { MailStore } from '../mail-store.ts';
import { readBlob, readInteger } from './columns.ts';
import type { Database, Migration } from './database.ts';
import { step } from './step.ts';

export const MAIL_MIGRATIONS: readonly Migration[] = [
  {
    name: 'mail-1',
    sql: `
      CREATE TABLE mail (
        id BLOB PRIMARY KEY,
        sealed BLOB NOT NULL,
        due_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL,
        attempts INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX mail_by_due ON mail (due_at)`,
  },
];

/** Each method is one statement, so a transaction by itself. */
export function createSqliteMail(db: Database): MailStore {
  return {
    put: ({ id, sealed, dueAt, expiresAt }) =>
      step(() => {
        db.run(
          'INSERT INTO mail (id, sealed, due_at, expires_at, attempts) VALUES (?, ?, ?, ?, 0)',
          id,
          sealed,
          dueAt,
          expiresAt,
        );
      }),
    take: (now, again) =>
      step(() => {
        const row = db.get(
          `UPDATE mail SET due_at = ?2, attempts = attempts + 1
           WHERE id = (SELECT id FROM mail WHERE due_at <= ?1 AND expires_at > ?1 ORDER BY due_at LIMIT 1)
           RETURNING *`,
          now,
          again,
        );
        if (row === undefined) return undefined;
        return {
          id: readBlob(row, 'id'),
          sealed: readBlob(row, 'sealed'),
          dueAt: readInteger(row, 'due_at'),
          expiresAt: readInteger(row, 'expires_at'),
          attempt: readInteger(row, 'attempts'),
        };
      }),
    postpone: (id, dueAt) => step(() => void db.run('UPDATE mail SET due_at = ? WHERE id = ?', dueAt, id)),
    remove: (id) => step(() => void db.run('DELETE FROM mail WHERE id = ?', id)),
    sweep: (now) => step(() => void db.run('DELETE FROM mail WHERE expires_at <= ?', now)),
  };
}
