import type { AccountStores } from '../account-stores.ts';
import { ACCOUNT_MIGRATIONS, createSqliteAccounts } from './accounts.ts';
import { CHAIN_MIGRATIONS, createSqliteChains } from './chains.ts';
import type { Database, Migration } from './database.ts';
import { createSqliteKeyPackages, KEY_PACKAGE_MIGRATIONS } from './key-packages.ts';
import { createSqliteSessions, SESSION_MIGRATIONS } from './sessions.ts';
import { step } from './step.ts';

export const ACCOUNT_STORES_MIGRATIONS: readonly Migration[] = [
  ...ACCOUNT_MIGRATIONS,
  ...CHAIN_MIGRATIONS,
  ...KEY_PACKAGE_MIGRATIONS,
  ...SESSION_MIGRATIONS,
  { name: 'probe-1', sql: 'CREATE TABLE probe (id INTEGER PRIMARY KEY, at INTEGER NOT NULL) STRICT' },
];

/** The stores over one open database whose migrations include `ACCOUNT_STORES_MIGRATIONS`. */
export function createSqliteAccountStores(db: Database): AccountStores {
  let probes = 0;
  return {
    accounts: createSqliteAccounts(db),
    chains: createSqliteChains(db),
    keyPackages: createSqliteKeyPackages(db),
    sessions: createSqliteSessions(db),
    probe: () =>
      step(() => {
        probes += 1;
        db.run('INSERT OR REPLACE INTO probe (id, at) VALUES (1, ?)', probes);
      }),
  };
}
