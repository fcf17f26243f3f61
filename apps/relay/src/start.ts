import { getRandomValues } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { readBoundOrigin } from './auth/bound-origin.ts';
import { createRelayKeys } from './auth/relay-keys.ts';
import type { Random } from './clock.ts';
import type { Config } from './config.ts';
import { describeError, type Log } from './log.ts';
import { openMailer } from './mail/open-mailer.ts';
import { joinNodes, type Nodes } from './nodes.ts';
import { type OpenStores, openMemoryStores, openSqliteStores } from './open-stores.ts';
import { createOperator, type OperatorDeps } from './operator/operator.ts';
import { openOperatorSocket } from './operator/operator-socket.ts';
import { createSnapshots } from './operator/snapshots.ts';
import { operatorSocketPath } from './operator/socket-path.ts';
import { PAGE_FOLDER } from './page-folder.ts';
import { DEFAULT_QUOTAS, type Quotas } from './quotas.ts';
import type { RequestRate } from './realtime/request-bucket.ts';
import { buildRelay } from './relay.ts';
import { openSecrets } from './running-secrets.ts';
import { createRedisCounters } from './store/redis/counters.ts';
import { createHintSeal } from './store/redis/hint-seal.ts';
import type { Stores } from './store/stores.ts';
import { sweepAccountStores } from './store/sweep-account-stores.ts';

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

/** Stores as configured, both halves over them, and a socket that listens. Rejects when any of it cannot be. */
export async function startRelay(config: Config, options: StartOptions): Promise<RunningRelay> {
  const open = createOpened();
  try {
    return await start(config, options, open);
  } catch (error) {
    await open.close();
    throw error;
  }
}

async function start(config: Config, options: StartOptions, open: Opened): Promise<RunningRelay> {
  const { log, quotas, rate, pageFolder = PAGE_FOLDER } = options;
  const random: Random = (length) => getRandomValues(new Uint8Array(length));
  const { secrets, rotateJwtSecret } = await openSecrets(config, random);
  const own = open.add(await openStores(config, random, log));
  const keys = createRelayKeys(secrets.relayKey, random);
  const nodes = open.add(await joinNodes(config, log, createHintSeal(keys, random)));
  const stores = shareCounters(own, nodes, log);
  let origin = config.publicUrl ?? `http://localhost:${config.port}`;
  const mailer = open.add(
    await openMailer(config.mail, {
      store: stores.accountStores.mail,
      keys,
      clock: Date.now,
      random,
      log,
      origin,
    }),
  );
  const relay = open.add(
    await buildRelay({
      stores,
      secrets,
      mailer,
      revocations: nodes.revocations,
      ...(nodes.hints !== undefined && { hints: nodes.hints }),
      registration: config.registration,
      requireEmail: config.requireEmail,
      codeSeconds: config.codeSeconds,
      origin: () => origin,
      clock: Date.now,
      random,
      log,
      quotas: { ...DEFAULT_QUOTAS, registrationsPerHour: config.registrationsPerHour, ...quotas },
      ...(rate !== undefined && { rate }),
      directory: config.directory,
      pageFolder,
      trustedProxies: config.trustedProxies,
      metricsToken: config.metricsToken,
    }),
  );
  open.add(startExpiry(stores, log));
  await relay.http.listen({ host: addressOf(config.host), port: config.port });
  const { port } = relay.http.server.address() as AddressInfo;
  origin = config.publicUrl ?? `http://localhost:${port}`;
  await warnOfOtherOrigin(config, origin, log);
  open.add(
    await listenToOperator(config, {
      accountStores: relay.accountStores,
      sessions: relay.sessions,
      registration: config.registration,
      rotateJwtSecret,
      backUp: createSnapshots(config.dataDir, own.backUp, random),
      origin: () => origin,
      clock: Date.now,
      random,
      log,
    }),
  );
  return { origin, close: open.close };
}

interface Opened {
  add<T extends { close(): Promise<void> }>(part: T): T;
  /** The last one first. */
  close(): Promise<void>;
}

/** What was opened so far, for a start that fails as for a relay that stops. */
function createOpened(): Opened {
  const parts: { close(): Promise<void> }[] = [];
  return {
    add(part) {
      parts.push(part);
      return part;
    },
    async close() {
      for (const part of parts.splice(0).reverse()) await part.close();
    },
  };
}

async function openStores(config: Config, random: Random, log: Log): Promise<OpenStores> {
  if (config.mongoUri !== undefined) {
    const { openMongoStores } = await import('./open-mongo-stores.ts');
    return openMongoStores(config.mongoUri, random, log);
  }
  return config.store === 'sqlite' ? openSqliteStores(config.dataDir) : openMemoryStores();
}

/** With Redis, limits are those of all nodes together. */
function shareCounters(stores: Stores, { redis }: Nodes, log: Log): Stores {
  if (redis === undefined) return stores;
  const counters = createRedisCounters(redis, log, stores.accountStores.counters);
  return { ...stores, accountStores: { ...stores.accountStores, counters } };
}

/** A name may stand for several addresses, and live connections are served on one: the one that browsers fall back to. */
function addressOf(host: string): string {
  return host === 'localhost' ? '127.0.0.1' : host;
}

async function warnOfOtherOrigin({ store, dataDir }: Config, origin: string, log: Log): Promise<void> {
  const boundTo = store === 'memory' ? origin : await readBoundOrigin(dataDir, origin);
  if (boundTo !== origin) log.warn({ boundTo, origin }, 'passwords made for another origin do not open here');
}

/** A relay that its operator cannot reach serves everybody else all the same. */
async function listenToOperator(
  { store, dataDir }: Config,
  deps: OperatorDeps,
): Promise<{ close(): Promise<void> }> {
  const nobody = { close: async () => {} };
  if (store === 'memory') return nobody;
  const path = operatorSocketPath(dataDir);
  try {
    const socket = path === undefined ? undefined : await openOperatorSocket(path, createOperator(deps));
    if (socket !== undefined) return socket;
    deps.log.warn({}, 'no socket for the operator: its path is too long, or another relay has it');
  } catch (error) {
    deps.log.warn(describeError(error), 'no socket for the operator');
  }
  return nobody;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What is past its time goes, at the start and every hour. */
function startExpiry({ accountStores, logs, inboxes }: Stores, log: Log): { close(): Promise<void> } {
  const expire = async () => {
    const now = Date.now();
    await sweepAccountStores(accountStores, now);
    await logs.expireEntries(now);
    await inboxes.expireItems(Math.floor(now / DAY_MS));
  };
  const run = () => void expire().catch((error: unknown) => log.warn(describeError(error), 'expiry failed'));
  const timer = setInterval(run, HOUR_MS);
  run();
  return { close: async () => clearInterval(timer) };
}
