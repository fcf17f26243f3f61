import type { AccountId } from '@sotto/protocol';
import type { AccountRecordKind, AccountRecordStore } from '../account-record-store.ts';
import { readBlob, readInteger } from './columns.ts';
import type { Database, Migration } from './database.ts';
import { step } from './step.ts';

export const ACCOUNT_RECORD_MIGRATIONS: readonly Migration[] = [
  {
    name: 'account-records-1',
    sql: `CREATE TABLE account_records (
      account BLOB NOT NULL,
      kind TEXT NOT NULL,
      version INTEGER NOT NULL,
      bytes BLOB NOT NULL,
      PRIMARY KEY (account, kind)
    ) STRICT, WITHOUT ROWID`,
  },
];

export function createSqliteAccountRecords(db: Database): AccountRecordStore {
  return {
    read: (account, kind) =>
      step(() => {
        const row = db.get(
          'SELECT version, bytes FROM account_records WHERE account = ? AND kind = ?',
          account,
          kind,
        );
        if (row === undefined) return undefined;
        return { bytes: readBlob(row, 'bytes'), version: readInteger(row, 'version') };
      }),
    write: (account, kind, bytes, after) =>
      step(() => (replaceRecord(db, account, kind, bytes, after) ? 'written' : 'conflict')),
  };
}

/** Part of the transaction that creates an account. */
export function insertFirstRecord(
  db: Database,
  account: AccountId,
  kind: AccountRecordKind,
  bytes: Uint8Array,
): void {
  replaceRecord(db, account, kind, bytes, 0);
}

/** Part of the transaction that ends an account. */
export function dropRecords(db: Database, account: AccountId): void {
  db.run('DELETE FROM account_records WHERE account = ?', account);
}

/** Part of a transaction, or one by itself: one statement either way. Without an open account none matches. */
export function replaceRecord(
  db: Database,
  account: AccountId,
  kind: AccountRecordKind,
  bytes: Uint8Array,
  after: number,
): boolean {
  if (after > 0) {
    const { changes } = db.run(
      'UPDATE account_records SET version = version + 1, bytes = ? WHERE account = ? AND kind = ? AND version = ?',
      bytes,
      account,
      kind,
      after,
    );
    return changes === 1;
  }
  const { changes } = db.run(
    `INSERT OR IGNORE INTO account_records (account, kind, version, bytes)
     SELECT account, ?, 1, ? FROM accounts WHERE account = ? AND closed = 0`,
    kind,
    bytes,
    account,
  );
  return changes === 1;
}
