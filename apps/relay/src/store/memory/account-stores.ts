import { LIMITS } from '@sotto/protocol';
import type { AccountStores } from '../account-stores.ts';
import { createMemoryAccountRecords } from './account-records.ts';
import { createAccountTable } from './account-table.ts';
import { createMemoryAccounts } from './accounts.ts';
import { createMemoryChains } from './chains.ts';
import { createMemoryCodes } from './codes.ts';
import { createMemoryCounters } from './counters.ts';
import { createMemoryCredentials } from './credentials.ts';
import { createMemoryInvites } from './invites.ts';
import { createMemoryKeyPackages } from './key-packages.ts';
import { createMemoryMail } from './mail.ts';
import { createMemorySessions } from './sessions.ts';
import { createMemorySignIns } from './sign-ins.ts';

/** Stores of one process, gone with it. Every method acts within one turn of the event loop: that is its transaction. */
export function createMemoryAccountStores(): AccountStores {
  const table = createAccountTable();
  const sessions = createMemorySessions(table);
  const keyPackages = createMemoryKeyPackages(LIMITS.keyPackagesPerDevice);
  const records = createMemoryAccountRecords(table);
  const codes = createMemoryCodes();
  const invites = createMemoryInvites();
  const chains = createMemoryChains({ table, sessions, keyPackages });
  return {
    accounts: createMemoryAccounts({ table, sessions, records, invites }),
    credentials: createMemoryCredentials({ table, sessions, records, keyPackages, chains }),
    records,
    chains,
    keyPackages,
    sessions,
    signIns: createMemorySignIns({ table, sessions, records, codes }),
    codes,
    mail: createMemoryMail(),
    invites,
    counters: createMemoryCounters(),
    probe: async () => {},
  };
}
