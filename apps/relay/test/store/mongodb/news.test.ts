import { randomBytes } from 'node:crypto';
import type { LogId } from '@sotto/protocol';
import { describe, expect, it } from 'vitest';
import { createMongoLogs } from '../../../src/store/mongodb/logs.ts';
import { createMongoNews } from '../../../src/store/mongodb/news.ts';
import { FAMILY, filled, hashOf, message, tokenOf } from '../log-store-contract.ts';
import { describeNews, type NewsHouse } from '../news-contract.ts';
import { dropTestDatabase, freshName, MONGO_URI, openTestMongo } from './mongo.ts';

async function open(): Promise<NewsHouse> {
  const name = freshName();
  const db = await openTestMongo(name);
  const { logs, inboxes } = createMongoLogs(db, { random: randomBytes });
  return {
    logs,
    inboxes,
    news: createMongoNews(db),
    async close() {
      await logs.close();
      await db.close();
      await dropTestDatabase(name);
    },
  };
}

describe.skipIf(MONGO_URI === undefined)('MongoDB', () => {
  describeNews('MongoDB', open);

  it('[STORE34] a log with more than one answer holds hides no other', async () => {
    const { logs, news, close } = await open();
    const quiet = filled(32, 250) as LogId;
    for (const log of [FAMILY, quiet]) {
      await logs.createLog({ log, tokenHash: hashOf(tokenOf(0)), entryDays: 30 });
    }
    await Promise.all(Array.from({ length: 1100 }, (_, n) => logs.appendMessage(message(n + 1))));
    await logs.appendMessage(message(1, { log: quiet }));
    const found = await news.findLogNews([
      { log: FAMILY, seq: 0 },
      { log: quiet, seq: 0 },
    ]);
    expect(found.map(({ log }) => log[0])).toEqual([FAMILY[0], 250]);
    await close();
  });
});
