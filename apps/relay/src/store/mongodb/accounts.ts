import type { AccountId, User, Username } from '@sotto/protocol';
import type { Account, AccountStore, NewAccount } from '../account-store.ts';
import { findStanding } from './account-standing.ts';
import type { MongoDatabase } from './database.ts';
import { ACCOUNT_END, type AccountDocument, plainBytes } from './documents.ts';
import { inserted, step } from './errors.ts';
import { findNextUse } from './invites.ts';
import type { Sessions } from './session-rows.ts';

export function createMongoAccounts(db: MongoDatabase, sessions: Sessions): AccountStore {
  return {
    create: (account, now) => step(() => createAccount(db, sessions, account, now)),
    findByName: (username) => step(async () => asAccount(db, await db.accounts.findOne({ _id: username }))),
    find: (account) => step(async () => asAccount(db, await db.accounts.findOne({ account }))),
    findName: (account) =>
      step(async () => {
        const found = await db.accounts.findOne({ account }, { projection: { _id: 1 } });
        return found === null ? undefined : (found._id as Username);
      }),
    list: (page) => step(() => listUsers(db, page)),
  };
}

/**
 * One document is the account, the begin of its chain, its first record and its use of an invitation. The session comes
 * behind it: nobody has its token before this is answered, so an account whose session a crash took is one whose owner
 * signs in.
 */
async function createAccount(
  db: MongoDatabase,
  sessions: Sessions,
  account: NewAccount,
  now: number,
): ReturnType<AccountStore['create']> {
  for (;;) {
    const outcome = await insertAccount(db, account, now);
    if (outcome === 'beaten') continue;
    if (outcome === 'created') await sessions.open(account.session);
    return outcome;
  }
}

/** `beaten`: another account took the use of the invitation that this one wanted. There may be one left. */
async function insertAccount(
  db: MongoDatabase,
  account: NewAccount,
  now: number,
): Promise<Awaited<ReturnType<AccountStore['create']>> | 'beaten'> {
  const { invite } = account;
  const inviteUse = invite === undefined ? undefined : await findNextUse(db, invite, now);
  if (invite !== undefined && inviteUse === undefined) return 'invite_invalid';
  // Asked first, for the name is the commoner one and an answer must not hang on which index the server looks at first.
  if (await isNameTaken(db, account.username)) return 'username_taken';
  if (await inserted(db.accounts.insertOne(documentOf(account, inviteUse)))) return 'created';
  if (await isNameTaken(db, account.username)) return 'username_taken';
  const sameId = await db.accounts.findOne({ account: account.account }, { projection: { _id: 1 } });
  return sameId === null ? 'beaten' : 'account_taken';
}

function documentOf(
  { username, account, opaqueRecord, vault, statement, chainState, proofs, invite }: NewAccount,
  inviteUse: number | undefined,
): AccountDocument {
  return {
    _id: username,
    account,
    opaqueRecord,
    vault,
    statement,
    state: chainState,
    ...(proofs !== undefined && { proofs }),
    ...(invite !== undefined && inviteUse !== undefined && { invite, inviteUse }),
  };
}

async function isNameTaken(db: MongoDatabase, username: Username): Promise<boolean> {
  return (await db.accounts.findOne({ _id: username }, { projection: { _id: 1 } })) !== null;
}

async function asAccount(db: MongoDatabase, found: AccountDocument | null): Promise<Account | undefined> {
  if (found === null) return undefined;
  const standing = await findStanding(db, found);
  if (standing === 'over') return undefined;
  return { username: found._id as Username, account: plainBytes(found.account) as AccountId, ...standing };
}

/** Names are read until the page is full: those of accounts that are over do not count. */
async function listUsers(
  db: MongoDatabase,
  { prefix, after, limit }: Parameters<AccountStore['list']>[0],
): Promise<User[]> {
  const users: User[] = [];
  let last = after;
  while (users.length < limit) {
    const found = await db.accounts
      .find({ _id: { $gte: prefix, $gt: last, $lt: `${prefix}\u{10ffff}` } })
      .sort({ _id: 1 })
      .limit(limit)
      .project<{ _id: string; account: Uint8Array }>({ account: 1 })
      .toArray();
    const over = await findOver(
      db,
      found.map(({ account }) => account),
    );
    for (const { _id, account } of found) {
      if (!over.has(Buffer.from(account).toString('hex')))
        users.push({ username: _id as Username, account: plainBytes(account) as AccountId });
    }
    if (found.length < limit) break;
    last = found.at(-1)?._id ?? last;
  }
  return users.slice(0, limit);
}

async function findOver(db: MongoDatabase, accounts: readonly Uint8Array[]): Promise<ReadonlySet<string>> {
  if (accounts.length === 0) return new Set();
  const ends = await db.accountSteps
    .find({ account: { $in: [...accounts] }, version: ACCOUNT_END })
    .project<{ account: Uint8Array }>({ _id: 0, account: 1 })
    .toArray();
  return new Set(ends.map(({ account }) => Buffer.from(account).toString('hex')));
}
