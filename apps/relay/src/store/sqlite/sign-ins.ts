import type { AccountId } from '@sotto/protocol';
import type { NewSession, SessionId } from '../session-store.ts';
import type { Grounds, SignIn, SignInOutcome, SignInStore } from '../sign-in-store.ts';
import { replaceRecord } from './account-records.ts';
import { insertClaim } from './codes.ts';
import { readBlob } from './columns.ts';
import type { Database } from './database.ts';
import { insertSession } from './sessions.ts';
import { step } from './step.ts';

export function createSqliteSignIns(db: Database): SignInStore {
  return { admit: (signIn) => step(() => db.transaction(() => admit(db, signIn))) };
}

function admit(db: Database, { session, grounds, claim, record, atMost }: SignIn): SignInOutcome {
  const { account } = session;
  if (!stands(db, account, grounds)) return { outcome: 'moved', ended: [], claimed: false };
  if (claim !== undefined && !insertClaim(db, claim.id, claim.expiresAt)) return { outcome: 'claimed' };
  const ended = [...insertSession(db, session), ...endBeyond(db, session, atMost)];
  const noted = replaceRecord(db, account, 'sign_ins', record.bytes, record.after);
  return { outcome: 'opened', ended, noted };
}

function stands(db: Database, account: AccountId, { vaultVersion, proofs, statements }: Grounds): boolean {
  const row = db.get(
    `SELECT 1 FROM accounts WHERE account = ?1 AND closed = 0 AND vault_version = ?2
     AND ifnull((SELECT version FROM account_records WHERE account = ?1 AND kind = 'proofs'), 0) = ?3
     AND ifnull((SELECT length FROM chains WHERE account = ?1), 0) = ?4`,
    account,
    vaultVersion,
    proofs,
    statements,
  );
  return row !== undefined;
}

/** Of those that are open when this one is. */
function endBeyond(db: Database, { id, account, openedAt }: NewSession, atMost: number): SessionId[] {
  return db
    .all(
      `DELETE FROM sessions WHERE id IN (
         SELECT id FROM sessions WHERE account = ?1 AND expires_at > ?2 AND id <> ?3
         ORDER BY renewed_at DESC LIMIT -1 OFFSET ?4
       ) RETURNING id`,
      account,
      openedAt,
      id,
      atMost - 1,
    )
    .map((row) => readBlob(row, 'id') as SessionId);
}
