import { getRandomValues } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createRelayKeys } from '../auth/relay-keys.ts';
import { createUnheardRevocations, type Revocations } from '../auth/revocations.ts';
import { sealAccountStores } from '../auth/sealed-account-stores.ts';
import { readRelayKey } from '../auth/secrets.ts';
import type { Random } from '../clock.ts';
import { type Config, ConfigError } from '../config.ts';
import type { Log } from '../log.ts';
import { type OpenStores, openSqliteStores } from '../open-stores.ts';
import { connectRedis } from '../store/redis/connection.ts';
import { createRedisRevocations } from '../store/redis/revocations.ts';
import type { SessionId } from '../store/session-store.ts';
import { replaceJwtSecret } from './jwt-secret.ts';
import type { Operator } from './messages.ts';
import { createOperator } from './operator.ts';
import { createSnapshots } from './snapshots.ts';

export interface StoppedRelay {
  readonly operator: Operator;
  close(): Promise<void>;
}

/**
 * The operator of a relay that does not run here: over its stores, opened for this once. With a database that other nodes
 * use, those hear of what is done as they hear of each other. Throws `ConfigError` when there is nothing to open.
 */
export async function openStoppedRelay(config: Config, log: Log): Promise<StoppedRelay> {
  const random: Random = (length) => getRandomValues(new Uint8Array(length));
  const relayKey = await readRelayKey(config.dataDir);
  const stores = await openStores(config, random, log);
  if (relayKey === undefined) {
    await stores.close();
    throw new ConfigError('SOTTO_DATA_DIR', 'relay-key is missing or damaged: put it back from a backup');
  }
  const { revocations, close } = await connectNodes(config);
  const announceEnded = (sessions: readonly SessionId[]) => void revocations.publish(sessions);
  const origin = await guessOrigin(config);
  const operator = createOperator({
    accountStores: sealAccountStores(stores.accountStores, createRelayKeys(relayKey, random)),
    sessions: {
      announceEnded,
      endAll: async (account, but) => announceEnded(await stores.accountStores.sessions.endAll(account, but)),
    },
    registration: config.registration,
    origin: () => origin,
    backUp: createSnapshots(config.dataDir, stores.backUp, random),
    async rotateJwtSecret() {
      if (config.jwtSecret !== undefined) return 'from_environment';
      await replaceJwtSecret(config.dataDir, random(32));
      return 'rotated';
    },
    clock: Date.now,
    random,
    log,
  });
  return {
    operator,
    async close() {
      await close();
      await stores.close();
    },
  };
}

async function openStores(config: Config, random: Random, log: Log): Promise<OpenStores> {
  if (config.store === 'memory') {
    throw new ConfigError('SOTTO_STORE', 'a relay in memory keeps nothing, so there is nothing to be done');
  }
  if (config.mongoUri !== undefined) {
    const { openMongoStores } = await import('../open-mongo-stores.ts');
    return openMongoStores(config.mongoUri, random, log);
  }
  // A typing error must not make a second, empty relay.
  if (!existsSync(join(config.dataDir, 'accounts.db'))) {
    throw new ConfigError('SOTTO_DATA_DIR', 'no relay was ever started in that folder');
  }
  return openSqliteStores(config.dataDir);
}

async function connectNodes(config: Config): Promise<{ revocations: Revocations; close(): Promise<void> }> {
  const alone = createUnheardRevocations();
  if (config.redisUrl === undefined || config.store !== 'mongodb') {
    return { revocations: alone, close: alone.close };
  }
  // Where it cannot be reached, no node trusts its memory either: they ask the store.
  const client = await connectRedis(config.redisUrl).catch(() => undefined);
  if (client === undefined) return { revocations: alone, close: alone.close };
  const revocations = await createRedisRevocations(client);
  return {
    revocations,
    async close() {
      await revocations.close();
      client.destroy();
    },
  };
}

/** As the next start would have it. */
async function guessOrigin(config: Config): Promise<string> {
  return config.publicUrl ?? (await readOrigin(config.dataDir)) ?? `http://localhost:${config.port}`;
}

/** The origin that passwords of a data folder are bound to; undefined before the first start. */
export async function readOrigin(dataDir: string): Promise<string | undefined> {
  try {
    return (await readFile(join(dataDir, 'origin'), 'utf8')).trim();
  } catch {
    return undefined;
  }
}
