import { describe } from 'vitest';
import { createMongoAccountStores } from '../../../src/store/mongodb/account-stores.ts';
import { describeAccountStores } from '../accounts/account-stores-contract.ts';
import { dropTestDatabase, freshName, MONGO_URI, openTestMongo } from './mongo.ts';

describe.skipIf(MONGO_URI === undefined)('mongodb', () => {
  describeAccountStores({
    name: 'mongodb',
    async open() {
      const database = freshName();
      const db = await openTestMongo(database);
      const close = async () => {
        await db.close();
        await dropTestDatabase(database);
      };
      return { stores: createMongoAccountStores(db), close };
    },
    // FerretDB changes documents in memory and writes them back.
    countsExactly: false,
  });
});
