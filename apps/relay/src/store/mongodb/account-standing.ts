import type { AccountId } from '@sotto/protocol';
import type { Credentials } from '../account-store.ts';
import type { MongoDatabase } from './database.ts';
import { ACCOUNT_END, type AccountDocument, type AccountStepDocument, plainBytes } from './documents.ts';

/** The newest version of an account's credentials behind those it began with. */
export function findNewestChange(
  db: MongoDatabase,
  account: Uint8Array,
): Promise<AccountStepDocument | null> {
  return db.accountSteps.findOne({ account, version: { $gte: 1 } }, { sort: { version: -1 } });
}

/** How an account stands: what opens it, or that it is over. */
export type Standing = Credentials | 'over';

/** `account` was read before this is called. */
export async function findStanding(
  db: MongoDatabase,
  { account, opaqueRecord, vault }: Pick<AccountDocument, 'account' | 'opaqueRecord' | 'vault'>,
): Promise<Standing> {
  for (;;) {
    const newest = await findNewestChange(db, account);
    if (newest?.version === ACCOUNT_END) return 'over';
    const held = newest ?? { opaqueRecord, vault };
    // A later version came between and has taken these away.
    if (held.opaqueRecord === undefined || held.vault === undefined) continue;
    return {
      opaqueRecord: plainBytes(held.opaqueRecord),
      vault: plainBytes(held.vault),
      vaultVersion: newest?.version ?? 0,
      recoveryHash: newest?.recoveryHash === undefined ? undefined : plainBytes(newest.recoveryHash),
    };
  }
}

/** Undefined for an account that is not here. */
export async function findStandingOf(db: MongoDatabase, account: AccountId): Promise<Standing | undefined> {
  const found = await db.accounts.findOne(
    { account },
    { projection: { _id: 0, account: 1, opaqueRecord: 1, vault: 1 } },
  );
  return found === null ? undefined : findStanding(db, found);
}

/** Whose version it is: 0 before the first change, `ACCOUNT_END` when it is over, undefined for an account that is not here. */
export async function findVersion(db: MongoDatabase, account: AccountId): Promise<number | undefined> {
  const newest = await db.accountSteps.findOne(
    { account, version: { $gte: 1 } },
    { sort: { version: -1 }, projection: { _id: 0, version: 1 } },
  );
  if (newest !== null) return newest.version;
  const found = await db.accounts.findOne({ account }, { projection: { _id: 1 } });
  return found === null ? undefined : 0;
}

/** Where the chain of an account ends. */
export async function findEnd(
  db: MongoDatabase,
  account: AccountId,
): Promise<{ readonly seq: number; readonly state: Uint8Array } | undefined> {
  const newest = await db.accountSteps.findOne({ account, seq: { $gte: 1 } }, { sort: { seq: -1 } });
  if (newest?.state !== undefined) return { seq: newest.seq, state: plainBytes(newest.state) };
  const first = await db.accounts.findOne({ account }, { projection: { _id: 0, state: 1 } });
  return first === null ? undefined : { seq: 0, state: plainBytes(first.state) };
}
