import type { AccountId } from '@sotto/protocol';
import type { Credentials } from '../account-store.ts';
import type { NewStatement } from '../chain-store.ts';
import type { CredentialChange, CredentialStore, CredentialsChanged } from '../credential-store.ts';
import type { SessionId } from '../session-store.ts';
import { findEnd, findStandingOf, findVersion } from './account-standing.ts';
import type { AccountSteps } from './account-steps.ts';
import type { MongoDatabase } from './database.ts';
import { ACCOUNT_END, type AccountStepDocument } from './documents.ts';
import { step } from './errors.ts';
import type { Sessions } from './session-rows.ts';

export interface CredentialsDeps {
  readonly db: MongoDatabase;
  readonly steps: AccountSteps;
  readonly sessions: Sessions;
}

/** Keeps none: an empty id is nobody's. */
const ALL = new Uint8Array();

export function createMongoCredentials(deps: CredentialsDeps): CredentialStore {
  return {
    change: (change) => step(() => changeCredentials(deps, change)),
    close: (statement) => step(() => close(deps, statement)),
    erase: (account) => step(() => erase(deps, account)),
  };
}

/**
 * One document is the next version and, with a statement, the next place of the chain. Its session is opened behind it:
 * nobody has that token before this is answered, so a crash between costs a sign-in.
 */
async function changeCredentials(
  { db, steps, sessions }: CredentialsDeps,
  change: CredentialChange,
): Promise<CredentialsChanged> {
  const { account, after, session, statement } = change;
  const standing = await findStandingOf(db, account);
  if (standing === undefined || standing === 'over' || standing.vaultVersion !== after)
    return { outcome: 'vault_conflict' };
  if (statement !== undefined && !(await fitsChain(db, statement))) return { outcome: 'chain_conflict' };
  const ended = await steps.take(nextVersion(change, standing));
  const version = await findVersion(db, account);
  if (ended === 'taken') return { outcome: version === after ? 'chain_conflict' : 'vault_conflict' };
  // It came behind the end: nothing of it is left.
  if (version === ACCOUNT_END) return { outcome: 'vault_conflict' };
  if (session !== undefined) ended.push(...(await sessions.open({ ...session, vaultVersion: after + 1 })));
  return { outcome: 'changed', endedSessions: ended };
}

function nextVersion(
  { account, after, opaqueRecord, vault, recoveryHash, endSessions, statement }: CredentialChange,
  before: Credentials,
): AccountStepDocument {
  const version = after + 1;
  return {
    account,
    ...(statement === undefined ? { seq: -version } : placeOf(statement)),
    version,
    opaqueRecord: opaqueRecord ?? before.opaqueRecord,
    vault,
    ...(recoveryHash !== undefined && { recoveryHash }),
    ...(endSessions !== 'none' && { endsAllBut: endSessions.allBut ?? ALL }),
    pending: [...(statement?.revoked ?? [])],
  };
}

async function close({ db, steps }: CredentialsDeps, statement: NewStatement): Promise<CredentialsChanged> {
  const { account, revoked } = statement;
  const version = await findVersion(db, account);
  if (version === undefined || version === ACCOUNT_END || !(await fitsChain(db, statement)))
    return { outcome: 'chain_conflict' };
  const ended = await steps.take({
    account,
    ...placeOf(statement),
    version: ACCOUNT_END,
    endsAllBut: ALL,
    pending: [...revoked],
  });
  return ended === 'taken' ? { outcome: 'chain_conflict' } : { outcome: 'changed', endedSessions: ended };
}

async function erase({ db, steps }: CredentialsDeps, account: AccountId): Promise<SessionId[]> {
  const version = await findVersion(db, account);
  if (version === undefined || version === ACCOUNT_END) return [];
  const end = { account, seq: -ACCOUNT_END, version: ACCOUNT_END, endsAllBut: ALL, pending: [] };
  const ended = await steps.take(end);
  return ended === 'taken' ? [] : ended;
}

async function fitsChain(db: MongoDatabase, { account, seq }: NewStatement): Promise<boolean> {
  return (await findEnd(db, account))?.seq === seq - 1;
}

function placeOf({
  seq,
  statement,
  state,
}: NewStatement): Pick<AccountStepDocument, 'seq' | 'statement' | 'state'> {
  return { seq, statement, state };
}
