import type { InviteStore } from '../invite-store.ts';
import { readBlob, readInteger } from './columns.ts';
import type { Database, Migration } from './database.ts';
import { step } from './step.ts';

export const INVITE_MIGRATIONS: readonly Migration[] = [
  {
    name: 'invites-1',
    sql: `CREATE TABLE invites (
      hash BLOB PRIMARY KEY,
      uses INTEGER NOT NULL,
      used INTEGER NOT NULL,
      created_at INTEGER NOT NULL,
      expires_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID`,
  },
];

export function createSqliteInvites(db: Database): InviteStore {
  return {
    create: ({ hash, uses, createdAt, expiresAt }) =>
      step(() => {
        db.run(
          'INSERT INTO invites (hash, uses, used, created_at, expires_at) VALUES (?, ?, 0, ?, ?)',
          hash,
          uses,
          createdAt,
          expiresAt,
        );
      }),
    isOpen: (hash, now) => step(() => isInviteOpen(db, hash, now)),
    list: (now) =>
      step(() =>
        db.all('SELECT * FROM invites WHERE expires_at > ? ORDER BY created_at', now).map((row) => ({
          hash: readBlob(row, 'hash'),
          uses: readInteger(row, 'uses'),
          used: readInteger(row, 'used'),
          createdAt: readInteger(row, 'created_at'),
          expiresAt: readInteger(row, 'expires_at'),
        })),
      ),
    sweep: (now) => step(() => void db.run('DELETE FROM invites WHERE expires_at <= ?', now)),
  };
}

export function isInviteOpen(db: Database, hash: Uint8Array, now: number): boolean {
  const found = db.get('SELECT 1 FROM invites WHERE hash = ? AND expires_at > ? AND used < uses', hash, now);
  return found !== undefined;
}

/** Part of the transaction that creates an account and found the invitation open. */
export function takeUse(db: Database, hash: Uint8Array): void {
  db.run('UPDATE invites SET used = used + 1 WHERE hash = ?', hash);
}
