import type { AccountId, DeviceId } from '@sotto/protocol';
import type { SessionId } from '../session-store.ts';
import { dropRecords } from './account-records.ts';
import { findNewestChange } from './account-standing.ts';
import type { MongoDatabase } from './database.ts';
import { ACCOUNT_END, type AccountStepDocument, plainBytes } from './documents.ts';
import { inserted } from './errors.ts';
import type { KeyPackages } from './key-packages.ts';
import type { Sessions } from './session-rows.ts';

export interface AccountStepsDeps {
  readonly db: MongoDatabase;
  readonly sessions: Sessions;
  readonly keyPackages: KeyPackages;
  /** Called when a step stands and nothing else is done, and between its parts: tests stop the process there. */
  readonly onStep: (step: AccountStepName) => Promise<void>;
}

/** It is inserted; secrets that it replaces are gone; sessions are ended. */
export type AccountStepName = 'stated' | 'stripped' | 'signed_out';

/**
 * What happens to an account, in order. A step is one insert, after which it has happened; what it brings for sessions,
 * KeyPackages and secrets follows, and any process finishes that.
 */
export interface AccountSteps {
  /** Inserts a step and does all that it brings. The sessions that ended, or `taken`: another step stands at its place. */
  take(step: AccountStepDocument): Promise<SessionId[] | 'taken'>;
  /** Finishes steps of processes that may have stopped. Whether there were any. */
  settle(): Promise<boolean>;
}

type Unsettled = Pick<AccountStepDocument, 'account' | 'seq' | 'version' | 'pending' | 'endsAllBut'>;

export function createAccountSteps(deps: AccountStepsDeps): AccountSteps {
  const { db, onStep } = deps;
  return {
    async take(step) {
      const open = new Map<string, SessionId>();
      for (const id of await listEnding(deps, step)) open.set(Buffer.from(id).toString('hex'), id);
      if (!(await inserted(db.accountSteps.insertOne(step)))) return 'taken';
      await onStep('stated');
      for (const id of await settleOne(deps, step)) open.set(Buffer.from(id).toString('hex'), id);
      // Also those that another process was quicker to end: their sockets may be here.
      return [...open.values()];
    },
    async settle() {
      const found = db.accountSteps
        .find({ pending: { $exists: true } })
        .project<Unsettled>({ _id: 0, account: 1, seq: 1, version: 1, pending: 1, endsAllBut: 1 });
      let any = false;
      for await (const step of found) {
        await settleOne(deps, step);
        any = true;
      }
      return any;
    },
  };
}

/** Open sessions that a step will end, as it stands before it is taken. */
async function listEnding({ sessions }: AccountStepsDeps, step: AccountStepDocument): Promise<SessionId[]> {
  const account = step.account as AccountId;
  const ids: SessionId[] = [];
  for (const device of step.pending ?? [])
    ids.push(...(await sessions.listOfDevice(account, device as DeviceId)));
  if (step.endsAllBut !== undefined) ids.push(...(await sessions.listOfAccount(account, keepOf(step))));
  return ids;
}

/** May run twice, and at the same time in several processes. */
async function settleOne(deps: AccountStepsDeps, step: Unsettled): Promise<SessionId[]> {
  const { db, sessions, keyPackages, onStep } = deps;
  const { seq, version, pending, endsAllBut } = step;
  if (pending === undefined) return [];
  const account = plainBytes(step.account) as AccountId;
  const ended: SessionId[] = [];
  for (const revoked of pending) {
    const device = plainBytes(revoked) as DeviceId;
    ended.push(...(await sessions.endOfDevice(account, device)));
    await keyPackages.drop(account, device);
  }
  // Not the step's own version: this one may have come behind a later one, or behind the end.
  const newest = version === undefined ? 0 : await strip(db, account);
  await onStep('stripped');
  if (newest === ACCOUNT_END) ended.push(...(await sessions.endOfAccount(account, undefined, ACCOUNT_END)));
  else if (endsAllBut !== undefined)
    ended.push(...(await sessions.endOfAccount(account, keepOf(step), version ?? 0)));
  await onStep('signed_out');
  if (newest === ACCOUNT_END) {
    await dropRecords(db, account);
    await keyPackages.dropAccount(account);
  }
  await db.accountSteps.updateOne({ account, seq }, { $unset: { pending: '', endsAllBut: '' } });
  return ended;
}

function keepOf({ endsAllBut }: Unsettled): SessionId | undefined {
  if (endsAllBut === undefined || endsAllBut.length === 0) return undefined;
  return plainBytes(endsAllBut) as SessionId;
}

/** Takes the secrets of all versions but the newest away, and answers that one. */
async function strip(db: MongoDatabase, account: AccountId): Promise<number> {
  const newest = await findNewestChange(db, account);
  if (newest?.version === undefined) return 0;
  const { version } = newest;
  const isOver = version === ACCOUNT_END;
  await db.accounts.updateOne(
    { account },
    { $unset: { opaqueRecord: '', vault: '', ...(isOver && { proofs: '' }) } },
  );
  await db.accountSteps.updateMany(
    { account, version: { $gte: 1, $lt: version } },
    { $unset: { opaqueRecord: '', vault: '', recoveryHash: '' } },
  );
  return version;
}
