import { type AccountId, type DeviceId, equalBytes } from '@sotto/protocol';
import type { NewSession, Rotation, SessionId, SessionStore, Swap } from '../session-store.ts';
import { readBlob, readInteger } from './columns.ts';
import type { Database, Migration } from './database.ts';
import { step } from './step.ts';

export const SESSION_MIGRATIONS: readonly Migration[] = [
  {
    name: 'sessions-1',
    // Old hashes stay as long as their session: each of them, shown again, is proof of a copy.
    sql: `
      CREATE TABLE sessions (
        id BLOB PRIMARY KEY,
        account BLOB NOT NULL,
        device BLOB NOT NULL,
        refresh_hash BLOB NOT NULL UNIQUE,
        previous_hash BLOB UNIQUE,
        expires_at INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX sessions_of_device ON sessions (account, device);
      CREATE INDEX sessions_by_expiry ON sessions (expires_at);
      CREATE TABLE old_refreshes (
        hash BLOB PRIMARY KEY,
        session BLOB NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
        void INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX old_refreshes_of_session ON old_refreshes (session)`,
  },
];

export function createSqliteSessions(db: Database): SessionStore {
  return {
    open: (session) => step(() => db.transaction(() => insertSession(db, session))),
    isOpen: (id, now) =>
      step(() => db.get('SELECT 1 FROM sessions WHERE id = ? AND expires_at > ?', id, now) !== undefined),
    confirm: (id, refreshHash, now) => step(() => confirm(db, id, refreshHash, now)),
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

function confirm(db: Database, id: SessionId, refreshHash: Uint8Array, now: number): boolean {
  const row = db.get('SELECT * FROM sessions WHERE id = ? AND expires_at > ?', id, now);
  if (row === undefined) return false;
  const previous = row.previous_hash;
  if (equalBytes(readBlob(row, 'refresh_hash'), refreshHash)) {
    if (previous instanceof Uint8Array) db.transaction(() => settle(db, id, previous));
    return true;
  }
  if (previous instanceof Uint8Array && equalBytes(previous, refreshHash)) return true;
  const old = db.get('SELECT void FROM old_refreshes WHERE hash = ? AND session = ?', refreshHash, id);
  return old !== undefined && readInteger(old, 'void') === 0;
}

/** Part of a transaction: the pair before is over for good. */
function settle(db: Database, id: SessionId, previous: Uint8Array): void {
  db.run('UPDATE sessions SET previous_hash = NULL WHERE id = ?', id);
  db.run('INSERT INTO old_refreshes (hash, session, void) VALUES (?, ?, 0)', previous, id);
}

function rotate(db: Database, { shown, next, now, expiresAt }: Swap): Rotation {
  const reused = db.get(
    `DELETE FROM sessions WHERE expires_at > ? AND id = (SELECT session FROM old_refreshes WHERE hash = ?)
     RETURNING id`,
    now,
    shown,
  );
  if (reused !== undefined) return { outcome: 'reused', session: readBlob(reused, 'id') as SessionId };
  const row = db.get(
    'SELECT * FROM sessions WHERE (refresh_hash = ?1 OR previous_hash = ?1) AND expires_at > ?2',
    shown,
    now,
  );
  if (row === undefined) return { outcome: 'unknown' };
  const id = readBlob(row, 'id') as SessionId;
  const current = readBlob(row, 'refresh_hash');
  if (equalBytes(current, shown)) {
    const previous = row.previous_hash;
    if (previous instanceof Uint8Array) settle(db, id, previous);
  } else {
    db.run('INSERT INTO old_refreshes (hash, session, void) VALUES (?, ?, 1)', current, id);
  }
  db.run(
    'UPDATE sessions SET refresh_hash = ?, previous_hash = ?, expires_at = ? WHERE id = ?',
    next,
    shown,
    expiresAt,
    id,
  );
  const [account, device] = [readBlob(row, 'account'), readBlob(row, 'device')];
  return {
    outcome: 'rotated',
    session: { id, account: account as AccountId, device: device as DeviceId },
  };
}
