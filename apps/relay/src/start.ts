import { getRandomValues } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { keepSecrets, makeSecrets } from './auth/secrets.ts';
import type { Random } from './clock.ts';
import type { Config } from './config.ts';
import type { Log } from './http/log.ts';
import { DEFAULT_QUOTAS, type Quotas } from './quotas.ts';
import { buildRelay } from './relay.ts';
import { createMemoryAccountStores } from './store/memory/account-stores.ts';
import { createMemoryTickets } from './store/memory/tickets.ts';
import { ACCOUNT_STORES_MIGRATIONS, createSqliteAccountStores } from './store/sqlite/account-stores.ts';
import { openDatabase } from './store/sqlite/database.ts';

/** A relay that listens. */
export interface RunningRelay {
  /** Where people reach it. */
  readonly origin: string;
  /** Takes nothing more, finishes what it has taken, lets go of sockets and store. */
  close(): Promise<void>;
}

export interface StartOptions {
  readonly log: Log;
  readonly quotas?: Partial<Quotas>;
}

const PAGE_FOLDER = fileURLToPath(new URL('../../web/dist', import.meta.url));
/** Sessions past their end are dropped this often. */
const SWEEP_MS = 3_600_000;

/** Stores as configured, both halves over them, and a socket that listens. Rejects when any of it cannot be. */
export async function startRelay(config: Config, { log, quotas }: StartOptions): Promise<RunningRelay> {
  const random: Random = (length) => getRandomValues(new Uint8Array(length));
  const kept =
    config.store === 'memory' ? await makeSecrets(random) : await keepSecrets(config.dataDir, random);
  const { accountStores, closeStores } = openStores(config);
  let origin = config.publicUrl ?? `http://localhost:${config.port}`;
  const relay = await buildRelay({
    accountStores,
    tickets: createMemoryTickets(),
    secrets: { ...kept, jwtSecret: config.jwtSecret ?? kept.jwtSecret },
    origin: () => origin,
    clock: Date.now,
    random,
    log,
    quotas: { ...DEFAULT_QUOTAS, registrationsPerHour: config.registrationsPerHour, ...quotas },
    directory: config.directory,
    pageFolder: PAGE_FOLDER,
    trustedProxies: config.trustedProxies,
  });
  const sweeping = setInterval(() => {
    accountStores.sessions.sweep(Date.now()).catch(() => log.warn({}, 'sweep failed'));
  }, SWEEP_MS);
  const close = async () => {
    clearInterval(sweeping);
    await relay.close();
    await closeStores();
  };
  try {
    await relay.http.listen({ host: config.host, port: config.port });
  } catch (error) {
    await close();
    throw error;
  }
  const { port } = relay.server.address() as AddressInfo;
  origin = config.publicUrl ?? `http://localhost:${port}`;
  return { origin, close };
}

function openStores(config: Config) {
  if (config.store === 'memory') {
    return { accountStores: createMemoryAccountStores(), closeStores: async () => {} };
  }
  // Two files, so that signing in never waits for the lock of the log writer, nor the other way round.
  const db = openDatabase({
    path: join(config.dataDir, 'accounts.db'),
    migrations: ACCOUNT_STORES_MIGRATIONS,
  });
  return { accountStores: createSqliteAccountStores(db), closeStores: async () => db.close() };
}
