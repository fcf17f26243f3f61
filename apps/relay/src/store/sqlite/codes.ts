import type { CodeStore } from '../code-store.ts';
import { readBlob } from './columns.ts';
import type { Database, Migration } from './database.ts';
import { step } from './step.ts';

export const CODE_MIGRATIONS: readonly Migration[] = [
  {
    name: 'codes-1',
    sql: `
      CREATE TABLE codes (
        id BLOB PRIMARY KEY,
        hash BLOB NOT NULL,
        tries INTEGER NOT NULL,
        expires_at INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX codes_by_expiry ON codes (expires_at);
      CREATE TABLE claims (
        id BLOB PRIMARY KEY,
        expires_at INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX claims_by_expiry ON claims (expires_at)`,
  },
];

/** Each method but the sweep is one statement, so a transaction by itself. */
export function createSqliteCodes(db: Database): CodeStore {
  return {
    put: ({ id, hash, tries, expiresAt }) =>
      step(() => {
        db.run(
          'INSERT OR REPLACE INTO codes (id, hash, tries, expires_at) VALUES (?, ?, ?, ?)',
          id,
          hash,
          tries,
          expiresAt,
        );
      }),
    try: (id, now) =>
      step(() => {
        const row = db.get(
          `UPDATE codes SET tries = tries - 1
           WHERE id = ?1 AND tries > 0 AND expires_at > ?2 AND NOT EXISTS (SELECT 1 FROM claims WHERE id = ?1)
           RETURNING hash`,
          id,
          now,
        );
        return row === undefined ? undefined : { hash: readBlob(row, 'hash') };
      }),
    claim: (id, expiresAt) => step(() => insertClaim(db, id, expiresAt)),
    isClaimed: (id, now) =>
      step(() => db.get('SELECT 1 FROM claims WHERE id = ? AND expires_at > ?', id, now) !== undefined),
    sweep: (now) =>
      step(() =>
        db.transaction(() => {
          db.run('DELETE FROM codes WHERE expires_at <= ?', now);
          db.run('DELETE FROM claims WHERE expires_at <= ?', now);
        }),
      ),
  };
}

/** Part of a transaction, or one by itself. False when it was claimed. */
export function insertClaim(db: Database, id: Uint8Array, expiresAt: number): boolean {
  return db.run('INSERT OR IGNORE INTO claims (id, expires_at) VALUES (?, ?)', id, expiresAt).changes === 1;
}
