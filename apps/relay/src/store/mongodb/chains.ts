import type { AccountId, DeviceId } from '@sotto/protocol';
import type { ChainAppend, ChainStore, NewStatement } from '../chain-store.ts';
import type { SessionId } from '../session-store.ts';
import type { MongoDatabase } from './database.ts';
import { plainBytes, type StatementDocument } from './documents.ts';
import { inserted, step } from './errors.ts';
import type { KeyPackages } from './key-packages.ts';
import type { Sessions } from './sessions.ts';

export interface ChainsDeps {
  readonly db: MongoDatabase;
  readonly sessions: Sessions;
  readonly keyPackages: KeyPackages;
  /** Called between the steps of a revocation: tests stop the process there. */
  readonly onStep: (step: 'stated') => Promise<void>;
}

export interface MongoChains extends ChainStore {
  /** Finishes revocations that stand in a chain and may not have reached sessions and KeyPackages. Whether there were any. */
  settle(): Promise<boolean>;
}

type Revocation = Pick<StatementDocument, 'account' | 'seq' | 'pending'>;

export function createMongoChains(deps: ChainsDeps): MongoChains {
  const { db } = deps;
  return {
    readStatements: (account, from) => step(() => readStatements(db, account, from)),
    readState: (account) => step(async () => (await findEnd(db, account))?.state),
    append: (statement) => step(() => append(deps, statement)),
    async settle() {
      const found = db.statements
        .find({ pending: { $exists: true } })
        .project<Revocation>({ _id: 0, account: 1, seq: 1, pending: 1 });
      let any = false;
      for await (const revocation of found) {
        await settleOne(deps, revocation);
        any = true;
      }
      return any;
    },
  };
}

async function findEnd(
  db: MongoDatabase,
  account: AccountId,
): Promise<{ readonly seq: number; readonly state: Uint8Array } | undefined> {
  const newest = await db.statements.findOne({ account }, { sort: { seq: -1 } });
  if (newest !== null) return { seq: newest.seq, state: plainBytes(newest.state) };
  const first = await db.accounts.findOne({ account }, { projection: { _id: 0, state: 1 } });
  return first === null ? undefined : { seq: 0, state: plainBytes(first.state) };
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
  const later = db.statements
    .find({ account, seq: { $gte: next } })
    .sort({ seq: 1 })
    .project<Pick<StatementDocument, 'seq' | 'statement'>>({ _id: 0, seq: 1, statement: 1 });
  for await (const { seq, statement } of later) {
    // Inserted behind the back of this reading: the next one gets it.
    if (seq !== next) break;
    statements.push(plainBytes(statement));
    next += 1;
  }
  return statements;
}

/** The statement carries the devices it revokes until they are gone: any process finishes that. */
async function append(deps: ChainsDeps, request: NewStatement): Promise<ChainAppend> {
  const { db, sessions } = deps;
  const { account, seq, statement, state, revoked } = request;
  const end = await findEnd(db, account);
  if (end === undefined || end.seq !== seq - 1) return { outcome: 'conflict' };
  const open = new Map<string, SessionId>();
  for (const device of revoked) {
    for (const id of await sessions.listOfDevice(account, device))
      open.set(Buffer.from(id).toString('hex'), id);
  }
  const pending = revoked.length === 0 ? {} : { pending: [...revoked] };
  const document = { account, seq, statement, state, ...pending };
  if (!(await inserted(db.statements.insertOne(document)))) return { outcome: 'conflict' };
  await deps.onStep('stated');
  for (const id of await settleOne(deps, document)) open.set(Buffer.from(id).toString('hex'), id);
  // Also those that another process was quicker to end: their sockets may be here.
  return { outcome: 'appended', endedSessions: [...open.values()] };
}

async function settleOne(
  { db, sessions, keyPackages }: ChainsDeps,
  { account, seq, pending = [] }: Revocation,
): Promise<SessionId[]> {
  if (pending.length === 0) return [];
  const ended: SessionId[] = [];
  for (const revoked of pending) {
    const [owner, device] = [plainBytes(account) as AccountId, plainBytes(revoked) as DeviceId];
    ended.push(...(await sessions.endOfDevice(owner, device)));
    await keyPackages.drop(owner, device);
  }
  await db.statements.updateOne({ account, seq }, { $unset: { pending: '' } });
  return ended;
}
