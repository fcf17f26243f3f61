import { randomBytes } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { inject } from 'vitest';
import { type MongoDatabase, openMongo } from '../../../src/store/mongodb/database.ts';

/** Undefined when this run has no server: the global setup said why. */
export const MONGO_URI: string | undefined = inject('mongoUri');

/** Name of a database that no other test uses. */
export const freshName = () => `sotto_test_${randomBytes(6).toString('hex')}`;

/** A node's own connection. Expiry is the sweep's: the clock of these tests is not the server's. */
export function openTestMongo(database = freshName()): Promise<MongoDatabase> {
  if (MONGO_URI === undefined) throw new Error('this run has no server');
  return openMongo({ uri: MONGO_URI, database, ttl: false });
}

/** Everything that a test left in its database. */
export async function dropTestDatabase(database: string): Promise<void> {
  if (MONGO_URI === undefined) return;
  const client = new MongoClient(MONGO_URI);
  await client.db(database).dropDatabase();
  await client.close();
}
