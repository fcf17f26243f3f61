import { createAccessTokens } from './auth/access-tokens.ts';
import { createLiveChecks } from './auth/live-checks.ts';
import { createOpaqueServer } from './auth/opaque-server.ts';
import { isCurrentDeviceOf } from './auth/own-chain.ts';
import { createRateLimiter, type RateLimiter } from './auth/rate-limiter.ts';
import type { RegistrationMode } from './auth/registration-door.ts';
import { createRelayKeys, type RelayKeys } from './auth/relay-keys.ts';
import type { Revocations } from './auth/revocations.ts';
import { sealAccountStores } from './auth/sealed-account-stores.ts';
import type { RelaySecrets } from './auth/secrets.ts';
import { createSessions, type Sessions } from './auth/sessions.ts';
import type { Clock, Random } from './clock.ts';
import { createRefreshCookie } from './http/cookie.ts';
import { createDirectoryHandlers } from './http/directory-handlers.ts';
import type { Handlers } from './http/handlers.ts';
import { createKeyPackageHandlers } from './http/key-package-handlers.ts';
import { createHttpServer } from './http/server.ts';
import { describeError, type Log } from './log.ts';
import type { Mailer } from './mail/mailer.ts';
import { reportFullStore } from './metrics/full-store.ts';
import { measureMailer } from './metrics/measured-mailer.ts';
import { measureInboxes, measureLogs } from './metrics/measured-stores.ts';
import { createMetrics, type Metrics } from './metrics/metrics.ts';
import type { Quotas } from './quotas.ts';
import { type Connections, createConnections } from './realtime/connections.ts';
import { createDailyQuotas } from './realtime/daily-quotas.ts';
import type { Hints } from './realtime/hints.ts';
import type { RequestRate } from './realtime/request-bucket.ts';
import { createSocketServer } from './realtime/socket-server.ts';
import type { AccountStores } from './store/account-stores.ts';
import type { SessionId } from './store/session-store.ts';
import type { Stores } from './store/stores.ts';
import { wireAccountHandlers } from './wire-accounts.ts';

export interface RelayDeps {
  readonly stores: Stores;
  /** Read at each use: the secret of tokens may be replaced while the relay runs. */
  readonly secrets: RelaySecrets;
  readonly mailer: Mailer;
  /** How nodes that share the stores hear of sessions that end. */
  readonly revocations: Revocations;
  /** How they hear of what is new; undefined for a node that is alone with its stores. */
  readonly hints?: Hints;
  readonly registration: RegistrationMode;
  /** Whether an account wants an address that was proved. */
  readonly requireEmail: boolean;
  /** How long a code by mail serves. */
  readonly codeSeconds: number;
  /** Where people reach this relay, as `URL.origin` writes it. Asked at each request: a free port is known late. */
  readonly origin: () => string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly quotas: Quotas;
  /** Requests of one live connection; as LIMITS has it when not given. */
  readonly rate?: RequestRate;
  readonly directory: 'exact' | 'open';
  readonly pageFolder: string | undefined;
  readonly trustedProxies: readonly string[];
  /** What opens `/metrics` from elsewhere than this machine; undefined: nothing does. */
  readonly metricsToken?: string | undefined;
}

/** Both halves of a relay over the given stores. Never listens; closing leaves stores, mailer and revocations open. */
export async function buildRelay(deps: RelayDeps) {
  const { stores, secrets, origin, clock, random, log } = deps;
  const keys = createRelayKeys(secrets.relayKey, random);
  const accountStores = sealAccountStores(stores.accountStores, keys);
  const metrics = reportFullStore(createMetrics(), log);
  const limiter = createRateLimiter(accountStores.counters, clock);
  const live = wireConnections(deps, limiter, metrics);
  const sessions = createSessions({
    store: stores.accountStores.sessions,
    tokens: createAccessTokens({ secret: () => secrets.jwtSecret, origin, clock }),
    revocations: deps.revocations,
    clock,
    random,
    log,
    onEnded: (session) => live.endSession(session),
  });
  const connections = admitOpenSessions(live, sessions, log);
  const liveChecks = createLiveChecks({
    store: stores.accountStores.sessions,
    revocations: deps.revocations,
    listSessions: live.listSessions,
    onEnded: live.endSession,
    clock,
    log,
  });
  metrics.watch({ connections: live.count, hears: deps.hints?.reliable ?? (() => true) });
  const mailer = measureMailer(deps.mailer, metrics);
  const handlers = await wireHandlers({ ...deps, mailer, keys, accountStores, limiter }, sessions, live);
  const http = await createHttpServer({
    handlers,
    sessions,
    cookie: createRefreshCookie(origin),
    origin,
    log,
    probeStore: stores.accountStores.probe,
    metrics,
    metricsToken: deps.metricsToken,
    pageFolder: deps.pageFolder,
    trustedProxies: deps.trustedProxies,
  });
  await http.ready();
  const sockets = createSocketServer({
    server: http.server,
    connections,
    authenticate: sessions.authenticate,
    origin,
    log,
  });
  return {
    http,
    connections,
    /** The account stores as this relay uses them, for its operator. */
    accountStores,
    sessions,
    /** Asks now what is asked every few seconds: whether sessions of live connections are still open. */
    checkLive: liveChecks.check,
    /** Takes nothing more, ends live connections, answers what was asked. */
    async close() {
      liveChecks.stop();
      // In this order: a client that is cut comes back at once, and must find nobody to upgrade its connection.
      http.server.close();
      http.server.removeAllListeners('upgrade');
      await sockets.close();
      live.stop();
      await http.close();
    },
  };
}

function wireConnections(deps: RelayDeps, limiter: RateLimiter, metrics: Metrics): Connections {
  const { stores, hints, clock, log, rate } = deps;
  const { chains } = stores.accountStores;
  if (hints !== undefined && stores.news === undefined)
    throw new Error('these stores are for one node alone');
  return createConnections({
    logs: measureLogs(stores.logs, metrics),
    inboxes: measureInboxes(stores.inboxes, metrics),
    metrics,
    ...(hints !== undefined && stores.news !== undefined && { others: { hints, news: stores.news } }),
    knowsDevice: (account, device) => isCurrentDeviceOf(chains, account, device),
    quotas: createDailyQuotas(limiter),
    clock,
    report: (error, connection) => log.error({ ...describeError(error), connection }, 'request failed'),
    ...(rate !== undefined && { rate }),
  });
}

/** What the relay makes of its deps for whoever answers routes. */
interface Sealed {
  readonly keys: RelayKeys;
  readonly accountStores: AccountStores;
  readonly limiter: RateLimiter;
}

async function wireHandlers(
  deps: RelayDeps & Sealed,
  sessions: Sessions,
  live: Connections,
): Promise<Handlers> {
  const { secrets, origin, random, directory, requireEmail, mailer, quotas, limiter } = deps;
  const stores = deps.accountStores;
  const account = wireAccountHandlers({
    ...deps,
    stores,
    opaque: await createOpaqueServer({ setup: secrets.opaqueSetup, origin, random }),
    sessions,
    notifyAccount: live.notifyAccount,
  });
  const common = { ...stores, sessions, limiter, quotas };
  return {
    ...account.handlers,
    ...createDirectoryHandlers({
      ...common,
      directory,
      registration: account.mode,
      mail: mailer.on,
      requireEmail,
    }),
    ...createKeyPackageHandlers({ ...common, notifyDevice: live.notifyDevice }),
  };
}

/**
 * A session may end between its token's check and the moment its connection is known here, and then nobody would tell
 * that connection: so it is asked for once more when it is.
 */
function admitOpenSessions(live: Connections, sessions: Sessions, log: Log): Connections {
  return {
    ...live,
    connect(session, peer) {
      const connection = live.connect(session, peer);
      sessions.isOpen(session.id as SessionId).then(
        (open) => open || live.endSession(session.id),
        (error: unknown) => {
          log.warn(describeError(error), 'session not confirmed');
          peer.end();
        },
      );
      return connection;
    },
  };
}
