import type { AccountStores } from '../account-stores.ts';
import { ACCOUNT_RECORD_MIGRATIONS, createSqliteAccountRecords } from './account-records.ts';
import { ACCOUNT_MIGRATIONS, createSqliteAccounts } from './accounts.ts';
import { CHAIN_MIGRATIONS, createSqliteChains } from './chains.ts';
import { CODE_MIGRATIONS, createSqliteCodes } from './codes.ts';
import { COUNTER_MIGRATIONS, createSqliteCounters } from './counters.ts';
import { createSqliteCredentials } from './credentials.ts';
import type { Database, Migration } from './database.ts';
import { createSqliteInvites, INVITE_MIGRATIONS } from './invites.ts';
import { createSqliteKeyPackages, KEY_PACKAGE_MIGRATIONS } from './key-packages.ts';
import { createSqliteMail, MAIL_MIGRATIONS } from './mail.ts';
import { createSqliteSessions, SESSION_MIGRATIONS } from './sessions.ts';
import { createSqliteSignIns } from './sign-ins.ts';
import { step } from './step.ts';

export const ACCOUNT_STORES_MIGRATIONS: readonly Migration[] = [
  ...ACCOUNT_MIGRATIONS,
  ...CHAIN_MIGRATIONS,
  ...KEY_PACKAGE_MIGRATIONS,
  ...SESSION_MIGRATIONS,
  { name: 'probe-1', sql: 'CREATE TABLE probe (id INTEGER PRIMARY KEY, at INTEGER NOT NULL) STRICT' },
  ...ACCOUNT_RECORD_MIGRATIONS,
  ...CODE_MIGRATIONS,
  ...MAIL_MIGRATIONS,
  ...INVITE_MIGRATIONS,
  ...COUNTER_MIGRATIONS,
];

/** The stores over one open database whose migrations include `ACCOUNT_STORES_MIGRATIONS`. */
export function createSqliteAccountStores(db: Database): AccountStores {
  let probes = 0;
  return {
    accounts: createSqliteAccounts(db),
    credentials: createSqliteCredentials(db),
    records: createSqliteAccountRecords(db),
    chains: createSqliteChains(db),
    keyPackages: createSqliteKeyPackages(db),
    sessions: createSqliteSessions(db),
    signIns: createSqliteSignIns(db),
    codes: createSqliteCodes(db),
    mail: createSqliteMail(db),
    invites: createSqliteInvites(db),
    counters: createSqliteCounters(db),
    probe: () =>
      step(() => {
        probes += 1;
        db.run('INSERT OR REPLACE INTO probe (id, at) VALUES (1, ?)', probes);
      }),
  };
}
