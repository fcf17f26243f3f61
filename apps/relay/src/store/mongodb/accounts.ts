import type { AccountId, User, Username } from '@sotto/protocol';
import type { Account, AccountStore, NewAccount } from '../account-store.ts';
import type { MongoDatabase } from './database.ts';
import { plainBytes } from './documents.ts';
import { inserted, step } from './errors.ts';
import type { Sessions } from './sessions.ts';

export function createMongoAccounts(db: MongoDatabase, sessions: Sessions): AccountStore {
  return {
    create: (account) => step(() => createAccount(db, sessions, account)),
    findByName: (username) => step(() => findByName(db, username)),
    findName: (account) =>
      step(async () => {
        const found = await db.accounts.findOne({ account }, { projection: { _id: 1 } });
        return found === null ? undefined : (found._id as Username);
      }),
    list: ({ prefix, after, limit }) =>
      step(async () => {
        const found = await db.accounts
          .find({ _id: { $gte: prefix, $gt: after, $lt: `${prefix}\u{10ffff}` } })
          .sort({ _id: 1 })
          .limit(limit)
          .project<{ _id: string; account: Uint8Array }>({ account: 1 })
          .toArray();
        return found.map(
          ({ _id, account }): User => ({
            username: _id as Username,
            account: plainBytes(account) as AccountId,
          }),
        );
      }),
  };
}

/**
 * One document is the account and the begin of its chain. The session comes behind it: nobody has its token before this is
 * answered, so an account whose session a crash took is one whose owner signs in.
 */
async function createAccount(
  db: MongoDatabase,
  sessions: Sessions,
  { username, account, opaqueRecord, vault, statement, chainState, session }: NewAccount,
): Promise<'created' | 'username_taken' | 'account_taken'> {
  const document = { _id: username, account, opaqueRecord, vault, statement, state: chainState };
  // Asked first, for the name is the commoner one and an answer must not hang on which index the server looks at first.
  if (await isNameTaken(db, username)) return 'username_taken';
  if (!(await inserted(db.accounts.insertOne(document)))) {
    return (await isNameTaken(db, username)) ? 'username_taken' : 'account_taken';
  }
  await sessions.open(session);
  return 'created';
}

async function isNameTaken(db: MongoDatabase, username: Username): Promise<boolean> {
  return (await db.accounts.findOne({ _id: username }, { projection: { _id: 1 } })) !== null;
}

async function findByName(db: MongoDatabase, username: Username): Promise<Account | undefined> {
  const found = await db.accounts.findOne({ _id: username });
  if (found === null) return undefined;
  return {
    username: found._id as Username,
    account: plainBytes(found.account) as AccountId,
    opaqueRecord: plainBytes(found.opaqueRecord),
    vault: plainBytes(found.vault),
  };
}
