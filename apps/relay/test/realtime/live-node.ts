// One of several nodes on one database, to be killed: the real store, rules and sockets. Arguments: server, database, Redis or
// nothing. It says where it listens.
import { randomBytes } from 'node:crypto';
import process from 'node:process';
import { createUnheardHints } from '../../src/realtime/hints.ts';
import { openMongo } from '../../src/store/mongodb/database.ts';
import { createMongoLogs } from '../../src/store/mongodb/logs.ts';
import { createMongoNews } from '../../src/store/mongodb/news.ts';
import { connectRedis } from '../../src/store/redis/connection.ts';
import { createRedisHints } from '../../src/store/redis/hints.ts';
import { startLiveRelay } from '../../src/testing.ts';
import { testSeal } from '../store/redis/seal.ts';

const [uri, database, redis] = process.argv.slice(2);
if (uri === undefined || database === undefined) throw new Error('which database?');
process.on('disconnect', () => process.exit());
const db = await openMongo({ uri, database, ttl: false });
const hints = redis ? await createRedisHints(await connectRedis(redis), testSeal()) : createUnheardHints();
const stores = { ...createMongoLogs(db, { random: randomBytes }), news: createMongoNews(db), hints };
const relay = await startLiveRelay({ shared: stores, rate: { perSecond: 1e6, burst: 1e6 } });
process.send?.(relay.origin);
