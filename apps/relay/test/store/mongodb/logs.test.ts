import { randomBytes } from 'node:crypto';
import { describe } from 'vitest';
import { createMongoLogs } from '../../../src/store/mongodb/logs.ts';
import { testLogStore } from '../log-store-contract.ts';
import { dropTestDatabase, freshName, MONGO_URI, openTestMongo } from './mongo.ts';

describe.skipIf(MONGO_URI === undefined)('mongodb', () => {
  testLogStore('mongodb', async () => {
    const database = freshName();
    const db = await openTestMongo(database);
    const { logs, inboxes } = createMongoLogs(db, { random: randomBytes });
    const close = async () => {
      await logs.close();
      await db.close();
      await dropTestDatabase(database);
    };
    return { logs: { ...logs, close }, inboxes };
  });
});
