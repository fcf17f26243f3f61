import type { Server } from 'node:http';
import { createAccessTokens } from './auth/access-tokens.ts';
import { createAttempts } from './auth/attempts.ts';
import { createLogin } from './auth/login.ts';
import { createOpaqueServer } from './auth/opaque-server.ts';
import { createRateLimiter } from './auth/rate-limiter.ts';
import { createRegistration } from './auth/registration.ts';
import type { RelaySecrets } from './auth/secrets.ts';
import { createSessions } from './auth/sessions.ts';
import type { Clock, Random } from './clock.ts';
import { createRefreshCookie } from './http/cookie.ts';
import { createDirectoryHandlers } from './http/directory-handlers.ts';
import type { Handlers } from './http/handlers.ts';
import { createKeyPackageHandlers, type NotifyDevice } from './http/key-package-handlers.ts';
import type { Log } from './http/log.ts';
import { createHttpServer } from './http/server.ts';
import { createSignInHandlers } from './http/sign-in-handlers.ts';
import type { Quotas } from './quotas.ts';
import type { AccountStores } from './store/account-stores.ts';
import type { TicketStore } from './store/ticket-store.ts';

export interface RelayDeps {
  readonly accountStores: AccountStores;
  readonly tickets: TicketStore;
  readonly secrets: RelaySecrets;
  /** Where people reach this relay, as `URL.origin` writes it. Asked at each request: a free port is known late. */
  readonly origin: () => string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly quotas: Quotas;
  readonly directory: 'exact' | 'open';
  readonly pageFolder: string | undefined;
  readonly trustedProxies: readonly string[];
}

/** Both halves of a relay over the given stores. Never listens; closing leaves the stores open. */
export async function buildRelay(deps: RelayDeps) {
  const { accountStores, tickets, secrets, origin, clock, random, quotas, log } = deps;
  const { accounts, chains, keyPackages, sessions: sessionStore } = accountStores;
  const limiter = createRateLimiter(clock);
  const opaque = await createOpaqueServer({ setup: secrets.opaqueSetup, origin });
  const tokens = createAccessTokens({ secret: secrets.jwtSecret, origin, clock, random });
  const notifyDevice: NotifyDevice = () => {};
  const sessions = createSessions({ store: sessionStore, tokens, clock, random, onEnded: () => {} });
  const attempts = createAttempts(clock, quotas.freeAttempts);
  const registration = createRegistration({
    accounts,
    tickets,
    opaque,
    sessions,
    limiter,
    quotas,
    clock,
    random,
  });
  const login = createLogin({ accounts, chains, tickets, opaque, sessions, attempts, clock, random });
  const handlers: Handlers = {
    ...createSignInHandlers({ accounts, registration, login, sessions }),
    ...createDirectoryHandlers({ accounts, chains, sessions, limiter, quotas, directory: deps.directory }),
    ...createKeyPackageHandlers({ chains, keyPackages, limiter, quotas, notifyDevice }),
  };
  const http = await createHttpServer({
    handlers,
    sessions,
    cookie: createRefreshCookie(origin),
    origin,
    log,
    probeStore: accountStores.probe,
    pageFolder: deps.pageFolder,
    trustedProxies: deps.trustedProxies,
  });
  await http.ready();
  return {
    http,
    /** For a socket server to attach to. */
    server: http.server as Server,
    sessions,
    close: () => http.close(),
  };
}
