import { join } from 'node:path';
import { ConfigError } from './config.ts';
import { createMemoryAccountStores } from './store/memory/account-stores.ts';
import { createMemoryLogs } from './store/memory/logs.ts';
import { ACCOUNT_STORES_MIGRATIONS, createSqliteAccountStores } from './store/sqlite/account-stores.ts';
import { type Database, isStorageFull, openDatabase } from './store/sqlite/database.ts';
import { createSqliteLogs } from './store/sqlite/logs.ts';
import type { Stores } from './store/stores.ts';

export interface OpenStores extends Stores {
  /** Finishes what was asked, then lets go of the files. */
  close(): Promise<void>;
  /** Writes both files, each as it is at one moment, into another folder. Undefined for what is no file. */
  readonly backUp?: (folder: string) => Promise<void>;
}

/** The stores of a relay that forgets everything with its process. */
export function openMemoryStores(): OpenStores {
  const { logs, inboxes, news } = createMemoryLogs();
  const accountStores = createMemoryAccountStores();
  return { accountStores, logs, inboxes, news, close: () => logs.close() };
}

/**
 * The stores in a data folder, which must exist. Two files, so that signing in never waits for the lock of the log
 * writer, nor the other way round; no transaction touches both. Throws `ConfigError` when another relay has the folder, or
 * its disk is full.
 */
export function openSqliteStores(folder: string): OpenStores {
  try {
    return openFiles(folder);
  } catch (error) {
    if (!isStorageFull(error)) throw error;
    throw new ConfigError('SOTTO_DATA_DIR', NO_SPACE);
  }
}

const NO_SPACE = 'its disk is full; make room and start again: nothing acknowledged is lost';

function openFiles(folder: string): OpenStores {
  const db = openAlone(join(folder, 'accounts.db'));
  const { logs, inboxes, probe } = createSqliteLogs({ path: join(folder, 'logs.db') });
  const accountStores = createSqliteAccountStores(db);
  // A file may be full while the other still writes where it wrote before.
  const probeBoth = async () => {
    await accountStores.probe();
    await probe();
  };
  return {
    accountStores: { ...accountStores, probe: probeBoth },
    logs,
    inboxes,
    async backUp(to) {
      // Accounts first: no entry of the logs needs what comes after it.
      await db.backUp(join(to, 'accounts.db'));
      // By a connection of its own, since the log writer's is in another thread.
      const reading = openDatabase({ path: join(folder, 'logs.db'), migrations: [] });
      try {
        await reading.backUp(join(to, 'logs.db'), true);
      } finally {
        reading.close();
      }
    },
    async close() {
      await logs.close();
      db.close();
    },
  };
}

const SQLITE_BUSY = 5;

/**
 * Keeps the file's lock for as long as it is open: a second relay on the folder would not hear of the sessions that this
 * one ends. The lock goes with the process, however it ends.
 */
function openAlone(path: string): Database {
  try {
    const db = openDatabase({ path, migrations: ACCOUNT_STORES_MIGRATIONS, waitMs: 1000 });
    db.exec('PRAGMA locking_mode = EXCLUSIVE');
    db.exec('BEGIN IMMEDIATE');
    db.exec('COMMIT');
    return db;
  } catch (error) {
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) {
      throw new ConfigError('SOTTO_DATA_DIR', 'another relay uses this folder');
    }
    throw error;
  }
}
