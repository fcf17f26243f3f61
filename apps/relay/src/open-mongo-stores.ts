import type { Random } from './clock.ts';
import { ConfigError } from './config.ts';
import type { Log } from './log.ts';
import type { OpenStores } from './open-stores.ts';
import { createMongoAccountStores } from './store/mongodb/account-stores.ts';
import { type MongoDatabase, openMongo } from './store/mongodb/database.ts';
import { explainFailedStart } from './store/mongodb/errors.ts';
import { createMongoLogs } from './store/mongodb/logs.ts';
import { createMongoNews } from './store/mongodb/news.ts';

// Apart from the other stores, so that only a relay that has a MongoDB loads its driver.

/** The stores in a MongoDB, which other relays may share. Rejects with `ConfigError` when there is none to be had. */
export async function openMongoStores(uri: string, random: Random, log: Log): Promise<OpenStores> {
  const db = await connect(uri);
  const { logs, inboxes, recover } = createMongoLogs(db, { random });
  if (db.lesserIndexes.length > 0) {
    log.warn({ indexes: db.lesserIndexes }, 'the database expires nothing by itself, the hourly sweep does');
  }
  await recover();
  return {
    accountStores: createMongoAccountStores(db),
    logs,
    inboxes,
    news: createMongoNews(db),
    async close() {
      await logs.close();
      await db.close();
    },
  };
}

async function connect(uri: string): Promise<MongoDatabase> {
  try {
    return await openMongo({ uri });
  } catch (error) {
    throw new ConfigError('MONGO_URI', explainFailedStart(error));
  }
}
