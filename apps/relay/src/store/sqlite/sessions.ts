import { type AccountId, type DeviceId, equalBytes } from '@sotto/protocol';
import type { ListedSession, NewSession, Rotation, SessionId, SessionStore, Swap } from '../session-store.ts';
import { readBlob, readInteger } from './columns.ts';
import { type Database, isStorageFull, type Migration } from './database.ts';
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
  {
    name: 'sessions-2',
    // Earlier ones lived 30 days from when they were renewed; when they were opened nobody wrote down.
    sql: `
      ALTER TABLE sessions ADD COLUMN opened_at INTEGER NOT NULL DEFAULT 0;
      ALTER TABLE sessions ADD COLUMN renewed_at INTEGER NOT NULL DEFAULT 0;
      ALTER TABLE sessions ADD COLUMN lifetime INTEGER NOT NULL DEFAULT 2592000000;
      ALTER TABLE sessions ADD COLUMN shared INTEGER NOT NULL DEFAULT 0;
      UPDATE sessions SET opened_at = max(0, expires_at - lifetime), renewed_at = max(0, expires_at - lifetime)`,
  },
];

export function createSqliteSessions(db: Database): SessionStore {
  return {
    open: (session) =>
      step(() => db.transaction(() => (mayOpen(db, session) ? insertSession(db, session) : []))),
    isOpen: (id, now) =>
      step(() => db.get('SELECT 1 FROM sessions WHERE id = ? AND expires_at > ?', id, now) !== undefined),
    confirm: (id, refreshHash, now) => step(() => confirm(db, id, refreshHash, now)),
    rotate: (swap) => step(() => db.transaction(() => rotate(db, swap))),
    list: (account, now) => step(() => listSessions(db, account, now)),
    end: (id) => step(() => void db.run('DELETE FROM sessions WHERE id = ?', id)),
    endAll: (account, but) => step(() => endSessionsOfAccount(db, account, but)),
    sweep: (now) => step(() => void db.run('DELETE FROM sessions WHERE expires_at <= ?', now)),
  };
}

/** Part of a transaction: ends earlier sessions of the device, opens this one. */
export function insertSession(db: Database, session: NewSession): SessionId[] {
  const ended = endSessionsOfDevice(db, session.account, session.device);
  db.run(
    `INSERT INTO sessions (id, account, device, refresh_hash, opened_at, renewed_at, lifetime, expires_at, shared)
     VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?5 + ?6, ?7)`,
    session.id,
    session.account,
    session.device,
    session.refreshHash,
    session.openedAt,
    session.lifetime,
    session.shared ? 1 : 0,
  );
  return ended;
}

/** An account that is not here asks for nothing; one that is over, or has another password by now, opens no session. */
function mayOpen(db: Database, { account, vaultVersion }: NewSession): boolean {
  const row = db.get('SELECT closed, vault_version FROM accounts WHERE account = ?', account);
  if (row === undefined) return true;
  if (readInteger(row, 'closed') !== 0) return false;
  return vaultVersion === undefined || readInteger(row, 'vault_version') === vaultVersion;
}

/** Part of a transaction. */
export function endSessionsOfDevice(db: Database, account: AccountId, device: DeviceId): SessionId[] {
  return db
    .all('DELETE FROM sessions WHERE account = ? AND device = ? RETURNING id', account, device)
    .map((row) => readBlob(row, 'id') as SessionId);
}

/** Part of a transaction, or one by itself. */
export function endSessionsOfAccount(
  db: Database,
  account: AccountId,
  but: SessionId | undefined,
): SessionId[] {
  return db
    .all('DELETE FROM sessions WHERE account = ? AND id IS NOT ? RETURNING id', account, but ?? null)
    .map((row) => readBlob(row, 'id') as SessionId);
}

function listSessions(db: Database, account: AccountId, now: number): ListedSession[] {
  return db
    .all('SELECT * FROM sessions WHERE account = ? AND expires_at > ? ORDER BY opened_at', account, now)
    .map((row) => ({
      id: readBlob(row, 'id') as SessionId,
      device: readBlob(row, 'device') as DeviceId,
      openedAt: readInteger(row, 'opened_at'),
      renewedAt: readInteger(row, 'renewed_at'),
      shared: readInteger(row, 'shared') !== 0,
    }));
}

function confirm(db: Database, id: SessionId, refreshHash: Uint8Array, now: number): boolean {
  const row = db.get('SELECT * FROM sessions WHERE id = ? AND expires_at > ?', id, now);
  if (row === undefined) return false;
  const previous = row.previous_hash;
  if (equalBytes(readBlob(row, 'refresh_hash'), refreshHash)) {
    if (previous instanceof Uint8Array) settleIfThereIsRoom(db, id, previous);
    return true;
  }
  if (previous instanceof Uint8Array && equalBytes(previous, refreshHash)) return true;
  const old = db.get('SELECT void FROM old_refreshes WHERE hash = ? AND session = ?', refreshHash, id);
  return old !== undefined && readInteger(old, 'void') === 0;
}

/** On a full disk the pair before is over later: no pair is renewed meanwhile, and who is signed in comes in to read. */
function settleIfThereIsRoom(db: Database, id: SessionId, previous: Uint8Array): void {
  try {
    db.transaction(() => settle(db, id, previous));
  } catch (error) {
    if (!isStorageFull(error)) throw error;
  }
}

/** Part of a transaction: the pair before is over for good. */
function settle(db: Database, id: SessionId, previous: Uint8Array): void {
  db.run('UPDATE sessions SET previous_hash = NULL WHERE id = ?', id);
  db.run('INSERT INTO old_refreshes (hash, session, void) VALUES (?, ?, 0)', previous, id);
}

function rotate(db: Database, { shown, next, now }: Swap): Rotation {
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
    `UPDATE sessions SET refresh_hash = ?1, previous_hash = ?2, renewed_at = ?3, expires_at = ?3 + lifetime
     WHERE id = ?4`,
    next,
    shown,
    now,
    id,
  );
  const [account, device] = [readBlob(row, 'account'), readBlob(row, 'device')];
  return {
    outcome: 'rotated',
    session: { id, account: account as AccountId, device: device as DeviceId },
    shared: readInteger(row, 'shared') !== 0,
  };
}
