import { createLocalRevocations, createUnheardRevocations, type Revocations } from './auth/revocations.ts';
import { type Config, ConfigError } from './config.ts';
import { describeError, type Log } from './log.ts';
import { createUnheardHints, type Hints } from './realtime/hints.ts';
import { connectRedis, type RedisConnection } from './store/redis/connection.ts';
import type { HintSeal } from './store/redis/hint-seal.ts';
import { createRedisHints } from './store/redis/hints.ts';
import { createRedisRevocations } from './store/redis/revocations.ts';

/** What joins this node to others of the same relay, beside the database. */
export interface Nodes {
  readonly revocations: Revocations;
  /** How nodes hear of what others wrote; undefined for a node that is alone with its store. */
  readonly hints: Hints | undefined;
  /** Undefined without `REDIS_URL`. */
  readonly redis: RedisConnection | undefined;
  close(): Promise<void>;
}

/** Rejects with `ConfigError` when there is a `REDIS_URL` and nobody answers at it. */
export async function joinNodes({ redisUrl, store }: Config, log: Log, seal: HintSeal): Promise<Nodes> {
  const isAlone = store !== 'mongodb';
  if (redisUrl === undefined) {
    if (!isAlone) {
      log.warn(
        {},
        'without REDIS_URL a session that ends lasts up to 5 seconds on other relays of this database',
      );
    }
    const revocations = isAlone ? createLocalRevocations() : createUnheardRevocations();
    const hints = isAlone ? undefined : createUnheardHints();
    return { revocations, hints, redis: undefined, close: revocations.close };
  }
  const redis = await connect(redisUrl, log);
  const revocations = await createRedisRevocations(redis);
  const hints = isAlone ? undefined : await createRedisHints(redis, seal);
  return {
    revocations,
    hints,
    redis,
    async close() {
      await hints?.close();
      await revocations.close();
      redis.destroy();
    },
  };
}

/** Says once that Redis went away, and once that it is back: it is asked many times a second. */
async function connect(url: string, log: Log): Promise<RedisConnection> {
  // A first connection that fails is said by who starts the relay.
  let away = true;
  try {
    const redis = await connectRedis(url, (error) => {
      if (!away) log.warn(describeError(error), 'Redis does not answer');
      away = true;
    });
    away = false;
    redis.on('ready', () => {
      if (away) log.info({}, 'Redis answers again');
      away = false;
    });
    return redis;
  } catch {
    throw new ConfigError('REDIS_URL', 'no server answers there, or it refuses the password');
  }
}
