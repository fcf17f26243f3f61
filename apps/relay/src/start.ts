import { getRandomValues } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { readBoundOrigin } from './auth/bound-origin.ts';
import { keepSecrets, makeSecrets } from './auth/secrets.ts';
import type { Random } from './clock.ts';
import type { Config } from './config.ts';
import { describeError, type Log } from './log.ts';
import { type OpenStores, openMemoryStores, openMongoStores, openSqliteStores } from './open-stores.ts';
import { DEFAULT_QUOTAS, type Quotas } from './quotas.ts';
import type { RequestRate } from './realtime/request-bucket.ts';
import { buildRelay } from './relay.ts';
import type { Stores } from './store/stores.ts';

/** A relay that listens. */
export interface RunningRelay {
  /** Where people reach it. */
  readonly origin: string;
  /** Takes nothing more, finishes what it has taken, lets go of sockets and stores. */
  close(): Promise<void>;
}

export interface StartOptions {
  readonly log: Log;
  readonly quotas?: Partial<Quotas>;
  readonly rate?: RequestRate;
  /** Folder of the built page; the one that `npm start` builds when not given. */
  readonly pageFolder?: string;
}

const PAGE_FOLDER = fileURLToPath(new URL('../../web/dist', import.meta.url));

/** Stores as configured, both halves over them, and a socket that listens. Rejects when any of it cannot be. */
export async function startRelay(config: Config, options: StartOptions): Promise<RunningRelay> {
  const { log, quotas, rate, pageFolder = PAGE_FOLDER } = options;
  const random: Random = (length) => getRandomValues(new Uint8Array(length));
  const isKept = config.store !== 'memory';
  const secrets = isKept ? await keepSecrets(config.dataDir, random) : await makeSecrets(random);
  const stores = await openStores(config, random, log);
  let origin = config.publicUrl ?? `http://localhost:${config.port}`;
  const relay = await buildRelay({
    stores,
    secrets: { ...secrets, jwtSecret: config.jwtSecret ?? secrets.jwtSecret },
    origin: () => origin,
    clock: Date.now,
    random,
    log,
    quotas: { ...DEFAULT_QUOTAS, registrationsPerHour: config.registrationsPerHour, ...quotas },
    ...(rate !== undefined && { rate }),
    directory: config.directory,
    pageFolder,
    trustedProxies: config.trustedProxies,
  });
  const stopExpiry = startExpiry(stores, log);
  const close = async () => {
    stopExpiry();
    await relay.close();
    await stores.close();
  };
  try {
    await relay.http.listen({ host: addressOf(config.host), port: config.port });
  } catch (error) {
    await close();
    throw error;
  }
  const { port } = relay.http.server.address() as AddressInfo;
  origin = config.publicUrl ?? `http://localhost:${port}`;
  const boundTo = isKept ? await readBoundOrigin(config.dataDir, origin) : origin;
  if (boundTo !== origin) log.warn({ boundTo, origin }, 'passwords made for another origin do not open here');
  return { origin, close };
}

async function openStores(config: Config, random: Random, log: Log): Promise<OpenStores> {
  if (config.mongoUri !== undefined) return openMongoStores(config.mongoUri, random, log);
  return config.store === 'sqlite' ? openSqliteStores(config.dataDir) : openMemoryStores();
}

/** A name may stand for several addresses, and live connections are served on one: the one that browsers fall back to. */
function addressOf(host: string): string {
  return host === 'localhost' ? '127.0.0.1' : host;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What is past its time goes, at the start and every hour. */
function startExpiry({ accountStores, logs, inboxes }: Stores, log: Log): () => void {
  const expire = async () => {
    const now = Date.now();
    await accountStores.sessions.sweep(now);
    await logs.expireEntries(now);
    await inboxes.expireItems(Math.floor(now / DAY_MS));
  };
  const run = () => void expire().catch((error: unknown) => log.warn(describeError(error), 'expiry failed'));
  const timer = setInterval(run, HOUR_MS);
  run();
  return () => clearInterval(timer);
}
