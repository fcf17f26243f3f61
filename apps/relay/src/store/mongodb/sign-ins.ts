import type { AccountId } from '@sotto/protocol';
import type { NewSession, SessionId } from '../session-store.ts';
import type { Grounds, SignIn, SignInOutcome, SignInStore } from '../sign-in-store.ts';
import { readRecord, writeRecord } from './account-records.ts';
import { findEnd, findVersion } from './account-standing.ts';
import { claim as insertClaim } from './codes.ts';
import type { MongoDatabase } from './database.ts';
import { step } from './errors.ts';
import { endSession, type Sessions } from './session-rows.ts';
import { listOpen } from './sessions.ts';

/**
 * By inserts alone, each of which may be the last that this process does: the ticket is claimed first, so that it never serves
 * twice, and the record is written last, since a sign-in that is not listed is worth less than one that is listed and did not
 * happen. The grounds are looked at again behind the session: who changes them after that finds it.
 */
export function createMongoSignIns(
  db: MongoDatabase,
  sessions: Sessions,
  settle: () => Promise<boolean>,
): SignInStore {
  return {
    admit: (signIn) =>
      step(async () => {
        // What ended others before must not come upon this one.
        await settle();
        return admit(db, sessions, signIn);
      }),
  };
}

async function admit(db: MongoDatabase, sessions: Sessions, signIn: SignIn): Promise<SignInOutcome> {
  const { session, grounds, claim, record, atMost } = signIn;
  const { id, account } = session;
  if (!(await stands(db, account, grounds))) return { outcome: 'moved', ended: [], claimed: false };
  if (claim !== undefined && !(await insertClaim(db, claim.id, claim.expiresAt)))
    return { outcome: 'claimed' };
  const ended = await sessions.open({ ...session, vaultVersion: grounds.vaultVersion });
  if (!(await stands(db, account, grounds))) {
    await endSession(db, id);
    return { outcome: 'moved', ended, claimed: claim !== undefined };
  }
  ended.push(...(await endBeyond(db, sessions, session, atMost)));
  const { bytes, after } = record;
  const written = await writeRecord(db, { account, kind: 'sign_ins', bytes, after });
  return { outcome: 'opened', ended, noted: written === 'written' };
}

async function stands(db: MongoDatabase, account: AccountId, grounds: Grounds): Promise<boolean> {
  const [version, proofs, end] = await Promise.all([
    findVersion(db, account),
    readRecord(db, account, 'proofs'),
    findEnd(db, account),
  ]);
  return (
    version === grounds.vaultVersion &&
    (proofs?.version ?? 0) === grounds.proofs &&
    (end === undefined ? 0 : end.seq + 1) === grounds.statements
  );
}

/** Of those that are open when this one is. */
async function endBeyond(
  db: MongoDatabase,
  sessions: Sessions,
  { id, account, openedAt }: NewSession,
  atMost: number,
): Promise<SessionId[]> {
  const others = await sessions.listOfAccount(account, id);
  if (others.length < atMost) return [];
  const open = await listOpen(db, others, openedAt);
  const ended: SessionId[] = [];
  for (const { id: other } of open.toSorted((a, b) => b.renewedAt - a.renewedAt).slice(atMost - 1)) {
    if (await endSession(db, other)) ended.push(other);
  }
  return ended;
}
