import type { AccountId, DeviceId } from '@sotto/protocol';
import type { NewSession, Rotation, SessionId, SessionStore } from '../session-store.ts';
import { readBlob } from './columns.ts';
import type { Database, Migration } from './database.ts';
import { step } from './step.ts';

export const SESSION_MIGRATIONS: readonly Migration[] = [
  {
    name: 'sessions-1',
    // Spent hashes stay as long as their session: each of them, shown again, is proof of a copy.
    sql: `
      CREATE TABLE sessions (
        id BLOB PRIMARY KEY,
        account BLOB NOT NULL,
        device BLOB NOT NULL,
        refresh_hash BLOB NOT NULL UNIQUE,
        expires_at INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX sessions_of_device ON sessions (account, device);
      CREATE INDEX sessions_by_expiry ON sessions (expires_at);
      CREATE TABLE spent_refreshes (
        hash BLOB PRIMARY KEY,
        session BLOB NOT NULL REFERENCES sessions (id) ON DELETE CASCADE
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX spent_refreshes_of_session ON spent_refreshes (session)`,
  },
];

export function createSqliteSessions(db: Database): SessionStore {
  return {
    open: (session) => step(() => db.transaction(() => insertSession(db, session))),
    isOpen: (id, now) =>
      step(() => db.get('SELECT 1 FROM sessions WHERE id = ? AND expires_at > ?', id, now) !== undefined),
    rotate: (swap) => step(() => db.transaction(() => rotate(db, swap))),
    end: (id) => step(() => void db.run('DELETE FROM sessions WHERE id = ?', id)),
    sweep: (now) => step(() => void db.run('DELETE FROM sessions WHERE expires_at <= ?', now)),
  };
}

/** Part of a transaction: ends earlier sessions of the device, opens this one. */
export function insertSession(db: Database, session: NewSession): SessionId[] {
  const ended = endSessionsOfDevice(db, session.account, session.device);
  db.run(
    'INSERT INTO sessions (id, account, device, refresh_hash, expires_at) VALUES (?, ?, ?, ?, ?)',
    session.id,
    session.account,
    session.device,
    session.refreshHash,
    session.expiresAt,
  );
  return ended;
}

/** Part of a transaction. */
export function endSessionsOfDevice(db: Database, account: AccountId, device: DeviceId): SessionId[] {
  return db
    .all('DELETE FROM sessions WHERE account = ? AND device = ? RETURNING id', account, device)
    .map((row) => readBlob(row, 'id') as SessionId);
}

function rotate(db: Database, swap: Parameters<SessionStore['rotate']>[0]): Rotation {
  const reused = db.get(
    `DELETE FROM sessions WHERE expires_at > ? AND id = (SELECT session FROM spent_refreshes WHERE hash = ?)
     RETURNING id`,
    swap.now,
    swap.spent,
  );
  if (reused !== undefined) return { outcome: 'reused', session: readBlob(reused, 'id') as SessionId };
  const row = db.get(
    `UPDATE sessions SET refresh_hash = ?, expires_at = ? WHERE refresh_hash = ? AND expires_at > ?
     RETURNING id, account, device`,
    swap.next,
    swap.expiresAt,
    swap.spent,
    swap.now,
  );
  if (row === undefined) return { outcome: 'unknown' };
  const id = readBlob(row, 'id') as SessionId;
  db.run('INSERT INTO spent_refreshes (hash, session) VALUES (?, ?)', swap.spent, id);
  return {
    outcome: 'rotated',
    session: {
      id,
      account: readBlob(row, 'account') as AccountId,
      device: readBlob(row, 'device') as DeviceId,
    },
  };
}
