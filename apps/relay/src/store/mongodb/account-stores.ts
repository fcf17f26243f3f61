import type { AccountStores } from '../account-stores.ts';
import { createMongoAccountRecords } from './account-records.ts';
import { type AccountStepName, createAccountSteps } from './account-steps.ts';
import { createMongoAccounts } from './accounts.ts';
import { createMongoChains } from './chains.ts';
import { createMongoCodes } from './codes.ts';
import { createMongoCounters } from './counters.ts';
import { createMongoCredentials } from './credentials.ts';
import type { MongoDatabase } from './database.ts';
import { step } from './errors.ts';
import { createMongoInvites } from './invites.ts';
import { createMongoKeyPackages } from './key-packages.ts';
import { createMongoMail } from './mail.ts';
import { createSessions } from './session-rows.ts';
import { createMongoSessions } from './sessions.ts';
import { createMongoSignIns } from './sign-ins.ts';

export interface MongoAccountStoresOptions {
  /** See `AccountStepsDeps`. */
  readonly onStep?: (step: AccountStepName) => Promise<void>;
}

/** The stores over one open database, which its owner closes; any number of processes share it. */
export function createMongoAccountStores(
  db: MongoDatabase,
  { onStep = async () => {} }: MongoAccountStoresOptions = {},
): AccountStores {
  const sessions = createSessions(db);
  const keyPackages = createMongoKeyPackages(db);
  const steps = createAccountSteps({ db, sessions, keyPackages, onStep });
  let probes = 0;
  return {
    accounts: createMongoAccounts(db, sessions),
    credentials: createMongoCredentials({ db, steps, sessions }),
    records: createMongoAccountRecords(db),
    chains: createMongoChains(db, steps),
    keyPackages,
    sessions: createMongoSessions(db, sessions, steps.settle),
    signIns: createMongoSignIns(db, sessions, steps.settle),
    codes: createMongoCodes(db),
    mail: createMongoMail(db),
    invites: createMongoInvites(db),
    counters: createMongoCounters(db),
    probe: () =>
      step(async () => {
        probes += 1;
        await db.probes.updateOne({ _id: 'probe' }, { $set: { at: probes } }, { upsert: true });
      }),
  };
}
