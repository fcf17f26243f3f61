import type { AccountId, Username } from '@sotto/protocol';
import type { Account, AccountStore, NewAccount } from '../account-store.ts';
import { insertFirstRecord } from './account-records.ts';
import { insertFirstStatement } from './chains.ts';
import { readBlob, readBlobOrNone, readInteger, readText } from './columns.ts';
import type { Database, Migration, Row } from './database.ts';
import { isInviteOpen, takeUse } from './invites.ts';
import { insertSession } from './sessions.ts';
import { step } from './step.ts';

export const ACCOUNT_MIGRATIONS: readonly Migration[] = [
  {
    name: 'accounts-1',
    sql: `CREATE TABLE accounts (
      username TEXT PRIMARY KEY,
      account BLOB NOT NULL UNIQUE,
      opaque_record BLOB NOT NULL,
      vault BLOB NOT NULL
    ) STRICT, WITHOUT ROWID`,
  },
  {
    name: 'accounts-2',
    // Of a closed account record and vault are empty.
    sql: `
      ALTER TABLE accounts ADD COLUMN vault_version INTEGER NOT NULL DEFAULT 0;
      ALTER TABLE accounts ADD COLUMN recovery_hash BLOB;
      ALTER TABLE accounts ADD COLUMN closed INTEGER NOT NULL DEFAULT 0`,
  },
];

export function createSqliteAccounts(db: Database): AccountStore {
  return {
    create: (account, now) => step(() => db.transaction(() => createAccount(db, account, now))),
    findByName: (username) =>
      step(() => readAccount(db.get('SELECT * FROM accounts WHERE username = ? AND closed = 0', username))),
    find: (account) => step(() => findAccount(db, account)),
    findName: (account) =>
      step(() => {
        const row = db.get('SELECT username FROM accounts WHERE account = ?', account);
        return row === undefined ? undefined : readName(row);
      }),
    list: ({ prefix, after, limit }) =>
      step(() =>
        db
          .all(
            `SELECT username, account FROM accounts
             WHERE username >= ? AND username < ? AND username > ? AND closed = 0 ORDER BY username LIMIT ?`,
            prefix,
            `${prefix}\u{10ffff}`,
            after,
            limit,
          )
          .map((row) => ({ username: readName(row), account: readBlob(row, 'account') as AccountId })),
      ),
  };
}

/** Undefined when it is over. */
export function findAccount(db: Database, account: AccountId): Account | undefined {
  return readAccount(db.get('SELECT * FROM accounts WHERE account = ? AND closed = 0', account));
}

function createAccount(
  db: Database,
  account: NewAccount,
  now: number,
): Awaited<ReturnType<AccountStore['create']>> {
  if (account.invite !== undefined && !isInviteOpen(db, account.invite, now)) return 'invite_invalid';
  if (db.get('SELECT 1 FROM accounts WHERE username = ?', account.username) !== undefined) {
    return 'username_taken';
  }
  if (db.get('SELECT 1 FROM accounts WHERE account = ?', account.account) !== undefined) {
    return 'account_taken';
  }
  db.run(
    'INSERT INTO accounts (username, account, opaque_record, vault) VALUES (?, ?, ?, ?)',
    account.username,
    account.account,
    account.opaqueRecord,
    account.vault,
  );
  insertFirstStatement(db, account);
  if (account.invite !== undefined) takeUse(db, account.invite);
  if (account.proofs !== undefined) insertFirstRecord(db, account.account, 'proofs', account.proofs);
  insertSession(db, account.session);
  return 'created';
}

function readAccount(row: Row | undefined): Account | undefined {
  if (row === undefined) return undefined;
  return {
    username: readName(row),
    account: readBlob(row, 'account') as AccountId,
    opaqueRecord: readBlob(row, 'opaque_record'),
    vault: readBlob(row, 'vault'),
    vaultVersion: readInteger(row, 'vault_version'),
    recoveryHash: readBlobOrNone(row, 'recovery_hash'),
  };
}

function readName(row: Row): Username {
  return readText(row, 'username') as Username;
}
