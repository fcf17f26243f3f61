import type { AccountId } from '@sotto/protocol';
import type { ChainAppend, ChainStore, NewStatement } from '../chain-store.ts';
import { findEnd } from './account-standing.ts';
import type { AccountSteps } from './account-steps.ts';
import type { MongoDatabase } from './database.ts';
import { type AccountStepDocument, plainBytes } from './documents.ts';
import { step } from './errors.ts';

export function createMongoChains(db: MongoDatabase, steps: AccountSteps): ChainStore {
  return {
    readStatements: (account, from) => step(() => readStatements(db, account, from)),
    readState: (account) => step(async () => (await findEnd(db, account))?.state),
    append: (statement) => step(() => append(db, steps, statement)),
  };
}

async function readStatements(
  db: MongoDatabase,
  account: AccountId,
  from: number,
): Promise<Uint8Array[] | undefined> {
  const first = await db.accounts.findOne({ account }, { projection: { _id: 0, statement: 1 } });
  if (first === null) return undefined;
  const statements = from === 0 ? [plainBytes(first.statement)] : [];
  let next = Math.max(from, 1);
  const later = db.accountSteps
    .find({ account, seq: { $gte: next } })
    .sort({ seq: 1 })
    .project<Pick<AccountStepDocument, 'seq' | 'statement'>>({ _id: 0, seq: 1, statement: 1 });
  for await (const { seq, statement } of later) {
    // Inserted behind the back of this reading: the next one gets it.
    if (seq !== next || statement === undefined) break;
    statements.push(plainBytes(statement));
    next += 1;
  }
  return statements;
}

/** The statement carries the devices it revokes until they are gone: any process finishes that. */
async function append(db: MongoDatabase, steps: AccountSteps, request: NewStatement): Promise<ChainAppend> {
  const { account, seq, statement, state, revoked } = request;
  const end = await findEnd(db, account);
  if (end === undefined || end.seq !== seq - 1) return { outcome: 'conflict' };
  const pending = revoked.length === 0 ? {} : { pending: [...revoked] };
  const endedSessions = await steps.take({ account, seq, statement, state, ...pending });
  return endedSessions === 'taken' ? { outcome: 'conflict' } : { outcome: 'appended', endedSessions };
}
