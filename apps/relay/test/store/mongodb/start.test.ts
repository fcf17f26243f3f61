import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../src/config.ts';
import { startRelay } from '../../../src/start.ts';
import { dropTestDatabase, freshName, MONGO_URI } from './mongo.ts';

describe.skipIf(MONGO_URI === undefined)('a relay with MONGO_URI', () => {
  it('[HTTP21] starts, is ready, stops, and comes back on the same database', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sotto-mongo-'));
    const database = freshName();
    const uri = new URL(MONGO_URI ?? '');
    uri.pathname = `/${database}`;
    const log = { info: () => {}, warn: () => {}, error: () => {} };
    const config = readConfig({ MONGO_URI: uri.href, SOTTO_DATA_DIR: folder, PORT: '0' });
    for (let start = 0; start < 2; start++) {
      const relay = await startRelay(config, { log });
      expect((await fetch(`${relay.origin}/readyz`)).status).toBe(200);
      await relay.close();
    }
    await dropTestDatabase(database);
    await rm(folder, { recursive: true });
  });
});
