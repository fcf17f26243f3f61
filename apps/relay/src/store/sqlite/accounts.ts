import type { AccountId, Username } from '@sotto/protocol';
import type { Account, AccountStore, NewAccount } from '../account-store.ts';
import { insertFirstStatement } from './chains.ts';
import { readBlob, readText } from './columns.ts';
import type { Database, Migration, Row } from './database.ts';
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
];

export function createSqliteAccounts(db: Database): AccountStore {
  return {
    create: (account) => step(() => db.transaction(() => createAccount(db, account))),
    findByName: (username) =>
      step(() => {
        const row = db.get('SELECT * FROM accounts WHERE username = ?', username);
        return row === undefined ? undefined : readAccount(row);
      }),
    findName: (account) =>
      step(() => {
        const row = db.get('SELECT username FROM accounts WHERE account = ?', account);
        return row === undefined ? undefined : (readText(row, 'username') as Username);
      }),
    list: ({ prefix, after, limit }) =>
      step(() =>
        db
          .all(
            `SELECT username, account FROM accounts
             WHERE username >= ? AND username < ? AND username > ? ORDER BY username LIMIT ?`,
            prefix,
            `${prefix}\u{10ffff}`,
            after,
            limit,
          )
          .map((row) => ({ username: readName(row), account: readBlob(row, 'account') as AccountId })),
      ),
  };
}

function createAccount(db: Database, account: NewAccount): 'created' | 'username_taken' | 'account_taken' {
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
  insertSession(db, account.session);
  return 'created';
}

function readAccount(row: Row): Account {
  return {
    username: readName(row),
    account: readBlob(row, 'account') as AccountId,
    opaqueRecord: readBlob(row, 'opaque_record'),
    vault: readBlob(row, 'vault'),
  };
}

function readName(row: Row): Username {
  return readText(row, 'username') as Username;
}
