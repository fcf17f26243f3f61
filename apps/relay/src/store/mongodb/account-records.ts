import type { AccountId } from '@sotto/protocol';
import type { AccountRecord, AccountRecordKind, AccountRecordStore } from '../account-record-store.ts';
import { findVersion } from './account-standing.ts';
import type { MongoDatabase } from './database.ts';
import { ACCOUNT_END, plainBytes } from './documents.ts';
import { inserted, step } from './errors.ts';

/** Places that stay behind a record, emptied: a writer would have to be this many writes late to find its own free again. */
const KEPT_PLACES = 64;

export function createMongoAccountRecords(db: MongoDatabase): AccountRecordStore {
  return {
    read: (account, kind) => step(() => readRecord(db, account, kind)),
    write: (account, kind, bytes, after) => step(() => writeRecord(db, { account, kind, bytes, after })),
  };
}

/** What an account that is over had. May run twice. */
export async function dropRecords(db: MongoDatabase, account: AccountId): Promise<void> {
  await db.accountRecords.deleteMany({ account });
}

/** Throws what the database throws. */
export async function readRecord(
  db: MongoDatabase,
  account: AccountId,
  kind: AccountRecordKind,
): Promise<AccountRecord | undefined> {
  for (;;) {
    const first = kind === 'proofs' ? await findFirst(db, account) : undefined;
    const newest = await db.accountRecords.findOne({ account, kind }, { sort: { version: -1 } });
    if (newest === null) return first;
    if (newest.bytes !== undefined) return { bytes: plainBytes(newest.bytes), version: newest.version };
  }
}

/** The record that an account came with. Where it is not taken away yet, an account that is over has none. */
async function findFirst(db: MongoDatabase, account: AccountId): Promise<AccountRecord | undefined> {
  const found = await db.accounts.findOne({ account }, { projection: { _id: 0, proofs: 1 } });
  if (found?.proofs === undefined || (await isOver(db, account))) return undefined;
  return { bytes: plainBytes(found.proofs), version: 1 };
}

interface Write {
  readonly account: AccountId;
  readonly kind: AccountRecordKind;
  readonly bytes: Uint8Array;
  readonly after: number;
}

/** Throws what the database throws. */
export async function writeRecord(
  db: MongoDatabase,
  { account, kind, bytes, after }: Write,
): Promise<'written' | 'conflict'> {
  const before = await readRecord(db, account, kind);
  if ((before?.version ?? 0) !== after || (await isOver(db, account))) return 'conflict';
  const version = after + 1;
  if (!(await inserted(db.accountRecords.insertOne({ account, kind, version, bytes })))) return 'conflict';
  // The end of the account drops what it finds; of what came behind it this process does.
  if (await isOver(db, account)) {
    await dropRecords(db, account);
    return 'conflict';
  }
  if (kind === 'proofs') await db.accounts.updateOne({ account }, { $unset: { proofs: '' } });
  await db.accountRecords.updateMany({ account, kind, version: { $lt: version } }, { $unset: { bytes: '' } });
  await db.accountRecords.deleteMany({ account, kind, version: { $lte: version - KEPT_PLACES } });
  return 'written';
}

async function isOver(db: MongoDatabase, account: AccountId): Promise<boolean> {
  const version = await findVersion(db, account);
  return version === undefined || version === ACCOUNT_END;
}
