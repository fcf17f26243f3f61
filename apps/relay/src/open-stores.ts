import { join } from 'node:path';
import { createMemoryAccountStores } from './store/memory/account-stores.ts';
import { createMemoryLogs } from './store/memory/logs.ts';
import { createMemoryTickets } from './store/memory/tickets.ts';
import { ACCOUNT_STORES_MIGRATIONS, createSqliteAccountStores } from './store/sqlite/account-stores.ts';
import { openDatabase } from './store/sqlite/database.ts';
import { createSqliteLogs } from './store/sqlite/logs.ts';
import type { Stores } from './store/stores.ts';

export interface OpenStores extends Stores {
  /** Finishes what was asked, then lets go of the files. */
  close(): Promise<void>;
}

/** The stores of a relay that forgets everything with its process. */
export function openMemoryStores(): OpenStores {
  const { logs, inboxes } = createMemoryLogs();
  const accountStores = createMemoryAccountStores();
  return { accountStores, tickets: createMemoryTickets(), logs, inboxes, close: () => logs.close() };
}

/**
 * The stores in a data folder, which must exist. Two files, so that signing in never waits for the lock of the log
 * writer, nor the other way round; no transaction touches both.
 */
export function openSqliteStores(folder: string): OpenStores {
  const db = openDatabase({ path: join(folder, 'accounts.db'), migrations: ACCOUNT_STORES_MIGRATIONS });
  const { logs, inboxes } = createSqliteLogs({ path: join(folder, 'logs.db') });
  return {
    accountStores: createSqliteAccountStores(db),
    tickets: createMemoryTickets(),
    logs,
    inboxes,
    async close() {
      await logs.close();
      db.close();
    },
  };
}
