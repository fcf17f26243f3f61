import type { AccountId } from '@sotto/protocol';
import type { NewAccount } from '../account-store.ts';
import type { ChainAppend, ChainStore, NewStatement } from '../chain-store.ts';
import { readBlob } from './columns.ts';
import type { Database, Migration } from './database.ts';
import { dropKeyPackages } from './key-packages.ts';
import { endSessionsOfDevice } from './sessions.ts';
import { step } from './step.ts';

export const CHAIN_MIGRATIONS: readonly Migration[] = [
  {
    name: 'chains-1',
    sql: `
      CREATE TABLE chains (
        account BLOB PRIMARY KEY,
        length INTEGER NOT NULL,
        state BLOB NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE chain_statements (
        account BLOB NOT NULL,
        seq INTEGER NOT NULL,
        statement BLOB NOT NULL,
        PRIMARY KEY (account, seq)
      ) STRICT, WITHOUT ROWID`,
  },
];

export function createSqliteChains(db: Database): ChainStore {
  return {
    readStatements: (account, from) =>
      step(() => {
        if (readState(db, account) === undefined) return undefined;
        return db
          .all(
            'SELECT statement FROM chain_statements WHERE account = ? AND seq >= ? ORDER BY seq',
            account,
            from,
          )
          .map((row) => readBlob(row, 'statement'));
      }),
    readState: (account) => step(() => readState(db, account)),
    append: (statement) => step(() => db.transaction(() => appendStatement(db, statement))),
  };
}

/** Part of the transaction that creates an account. */
export function insertFirstStatement(db: Database, { account, statement, chainState }: NewAccount): void {
  db.run('INSERT INTO chains (account, length, state) VALUES (?, 1, ?)', account, chainState);
  db.run('INSERT INTO chain_statements (account, seq, statement) VALUES (?, 0, ?)', account, statement);
}

function readState(db: Database, account: AccountId): Uint8Array | undefined {
  const row = db.get('SELECT state FROM chains WHERE account = ?', account);
  return row === undefined ? undefined : readBlob(row, 'state');
}

/** Part of a transaction, which it leaves as it was when it answers a conflict. */
export function appendStatement(
  db: Database,
  { account, seq, statement, state, revoked }: NewStatement,
): ChainAppend {
  const { changes } = db.run(
    'UPDATE chains SET length = length + 1, state = ? WHERE account = ? AND length = ?',
    state,
    account,
    seq,
  );
  if (changes === 0) return { outcome: 'conflict' };
  db.run('INSERT INTO chain_statements (account, seq, statement) VALUES (?, ?, ?)', account, seq, statement);
  const endedSessions = revoked.flatMap((device) => {
    dropKeyPackages(db, account, device);
    return endSessionsOfDevice(db, account, device);
  });
  return { outcome: 'appended', endedSessions };
}
