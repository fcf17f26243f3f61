// A node that is there, to be killed. Argument: the Redis at which it says so.
import process from 'node:process';
import { connectRedis } from '../../src/store/redis/connection.ts';
import { createRedisHints } from '../../src/store/redis/hints.ts';
import { testSeal } from '../store/redis/seal.ts';

const [url] = process.argv.slice(2);
if (url === undefined) throw new Error('which Redis?');
process.on('disconnect', () => process.exit());
const hints = await createRedisHints(await connectRedis(url), testSeal());
const timer = setInterval(() => {
  if (!hints.reliable()) return;
  clearInterval(timer);
  process.send?.('beating');
}, 10);
