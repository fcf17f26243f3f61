import type { AccountId } from '@sotto/protocol';
import type { CredentialChange, CredentialStore, CredentialsChanged } from '../credential-store.ts';
import type { SessionId } from '../session-store.ts';
import { dropRecords } from './account-records.ts';
import { findAccount } from './accounts.ts';
import { appendStatement } from './chains.ts';
import type { Database } from './database.ts';
import { dropKeyPackagesOfAccount } from './key-packages.ts';
import { endSessionsOfAccount, insertSession } from './sessions.ts';
import { step } from './step.ts';

export function createSqliteCredentials(db: Database): CredentialStore {
  /** Old pages lie in the write-ahead log until it is emptied: a replaced password record goes from there too. */
  const settle = <T>(work: () => T): T => {
    const outcome = db.transaction(work);
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    return outcome;
  };
  return {
    change: (change) => step(() => settle(() => changeCredentials(db, change))),
    close: (statement) =>
      step(() =>
        settle((): CredentialsChanged => {
          if (findAccount(db, statement.account) === undefined) return { outcome: 'chain_conflict' };
          const appended = appendStatement(db, statement);
          if (appended.outcome === 'conflict') return { outcome: 'chain_conflict' };
          const ended = endAccount(db, statement.account);
          return { outcome: 'changed', endedSessions: [...appended.endedSessions, ...ended] };
        }),
      ),
    erase: (account) =>
      step(() => settle(() => (findAccount(db, account) === undefined ? [] : endAccount(db, account)))),
  };
}

/** Part of a transaction. Both places are looked at before anything is written. */
function changeCredentials(db: Database, change: CredentialChange): CredentialsChanged {
  const { account, opaqueRecord, vault, after, recoveryHash, endSessions, session, statement } = change;
  const before = findAccount(db, account);
  if (before?.vaultVersion !== after) return { outcome: 'vault_conflict' };
  const ended: SessionId[] = [];
  if (statement !== undefined) {
    const appended = appendStatement(db, statement);
    if (appended.outcome === 'conflict') return { outcome: 'chain_conflict' };
    ended.push(...appended.endedSessions);
  }
  db.run(
    `UPDATE accounts SET opaque_record = ?, vault = ?, vault_version = vault_version + 1, recovery_hash = ?
     WHERE account = ?`,
    opaqueRecord ?? before.opaqueRecord,
    vault,
    recoveryHash ?? null,
    account,
  );
  if (endSessions !== 'none') ended.push(...endSessionsOfAccount(db, account, endSessions.allBut));
  if (session !== undefined) ended.push(...insertSession(db, session));
  return { outcome: 'changed', endedSessions: ended };
}

/** Part of a transaction. What is left of an account is its name, its id and its chain. */
function endAccount(db: Database, account: AccountId): SessionId[] {
  db.run(
    `UPDATE accounts SET opaque_record = x'', vault = x'', recovery_hash = NULL, closed = 1 WHERE account = ?`,
    account,
  );
  dropRecords(db, account);
  dropKeyPackagesOfAccount(db, account);
  return endSessionsOfAccount(db, account, undefined);
}
