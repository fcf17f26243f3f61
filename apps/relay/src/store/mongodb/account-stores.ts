import type { AccountStores } from '../account-stores.ts';
import { createMongoAccounts } from './accounts.ts';
import { createMongoChains } from './chains.ts';
import type { MongoDatabase } from './database.ts';
import { step } from './errors.ts';
import { createMongoKeyPackages } from './key-packages.ts';
import { createMongoSessions, createSessions } from './sessions.ts';

export interface MongoAccountStoresOptions {
  /** Called when a revoking statement stands in its chain and nothing else is done: tests stop a process there. */
  readonly onStep?: (step: 'stated') => Promise<void>;
}

/** The stores over one open database, which its owner closes; any number of processes share it. */
export function createMongoAccountStores(
  db: MongoDatabase,
  { onStep = async () => {} }: MongoAccountStoresOptions = {},
): AccountStores {
  const sessions = createSessions(db);
  const keyPackages = createMongoKeyPackages(db);
  const chains = createMongoChains({ db, sessions, keyPackages, onStep });
  let probes = 0;
  return {
    accounts: createMongoAccounts(db, sessions),
    chains,
    keyPackages,
    sessions: createMongoSessions(db, chains.settle),
    probe: () =>
      step(async () => {
        probes += 1;
        await db.probes.updateOne({ _id: 'probe' }, { $set: { at: probes } }, { upsert: true });
      }),
  };
}
