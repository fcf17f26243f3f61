import { createLocalRevocations, type Revocations } from './auth/revocations.ts';
import { makeSecrets, type RelaySecrets } from './auth/secrets.ts';
import type { Clock, Random } from './clock.ts';
import { type Config, readConfig } from './config.ts';
import type { Log } from './log.ts';
import type { Mailer } from './mail/mailer.ts';
import { type OpenStores, openMemoryStores } from './open-stores.ts';
import { DEFAULT_QUOTAS, type Quotas } from './quotas.ts';
import type { Hints } from './realtime/hints.ts';
import { createInProcessDoor } from './realtime/in-process.ts';
import type { RequestRate } from './realtime/request-bucket.ts';
import { buildRelay, type RelayDeps } from './relay.ts';
import { type RunningRelay, type StartOptions, startRelay } from './start.ts';
import type { Stores } from './store/stores.ts';
import { NO_MAIL } from './testing-mailbox.ts';

/** Quotas that no test runs into unless it wants to. */
const NO_QUOTAS: Quotas = {
  ...DEFAULT_QUOTAS,
  registrationsPerHour: 1_000_000,
  lookupsPerMinute: 1_000_000,
  writesPerHour: 1_000_000,
  missesPerHour: 1_000_000,
  mailsPerNetwork: 1_000_000,
  mailsPerMailbox: 1_000_000,
  mailsPerHour: 1_000_000,
  work: 'light',
};

const silent: Log = { info: () => {}, warn: () => {}, error: () => {} };
const webRandom: Random = (length) => crypto.getRandomValues(new Uint8Array(length));

export interface InProcessRelayOptions {
  readonly clock?: Clock;
  readonly random?: Random;
  readonly quotas?: Partial<Quotas>;
  readonly rate?: RequestRate;
  readonly directory?: 'exact' | 'open';
  readonly origin?: string;
  readonly pageFolder?: string;
  readonly log?: Log;
  /** Sends no mail when not given; `createMailbox` makes one to look into. */
  readonly mailer?: Mailer;
  readonly registration?: Config['registration'];
  readonly requireEmail?: boolean;
  readonly codeSeconds?: number;
  /** As for one node when not given. */
  readonly revocations?: Revocations;
  /** Alone with its stores when not given. */
  readonly hints?: Hints;
  readonly metricsToken?: string;
  /** What the relay is to keep its things in; memory when not given. Also what a relay lies from: a store that is wrapped. */
  readonly stores?: Stores;
  /** With the same stores and secrets a second relay is the first one, restarted. */
  readonly secrets?: RelaySecrets;
}

const DEFAULTS = {
  mailer: NO_MAIL,
  registration: 'open',
  requireEmail: false,
  codeSeconds: 300,
  directory: 'exact',
} as const;

function pickChosen(options: InProcessRelayOptions): Partial<RelayDeps> {
  const names = [
    ...(Object.keys(DEFAULTS) as (keyof typeof DEFAULTS)[]),
    'rate',
    'hints',
    'metricsToken',
  ] as const;
  const chosen = names.map((name) => [name, options[name]] as const);
  return Object.fromEntries(chosen.filter(([, value]) => value !== undefined));
}

/** The answer of an in-process call. `headers` in lower case; `set-cookie` and the like as texts. */
export interface InProcessResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** A whole relay, accounts and logs, without a socket. */
export async function createInProcessRelay(options: InProcessRelayOptions = {}) {
  const random = options.random ?? webRandom;
  const origin = options.origin ?? 'http://localhost:3000';
  const stores: Stores | OpenStores = options.stores ?? openMemoryStores();
  const secrets = options.secrets ?? (await makeSecrets(random));
  const relay = await buildRelay({
    stores,
    secrets,
    origin: () => origin,
    clock: options.clock ?? Date.now,
    random,
    log: options.log ?? silent,
    quotas: { ...NO_QUOTAS, ...options.quotas },
    ...DEFAULTS,
    revocations: options.revocations ?? createLocalRevocations(),
    ...pickChosen(options),
    pageFolder: options.pageFolder,
    trustedProxies: [],
  });
  return {
    origin,
    stores,
    secrets,
    /** The account stores as the relay uses them: what lies below is sealed under its key. */
    accountStores: relay.accountStores,
    /** All live connections, for a session that needs no token. */
    connections: relay.connections,
    checkLive: relay.checkLive,
    connect: createInProcessDoor(relay.connections, relay.sessions.authenticate),
    /** One HTTP request. `body` as bytes; the caller's address can be chosen. */
    async call(
      method: 'GET' | 'POST',
      path: string,
      headers: Readonly<Record<string, string>> = {},
      body?: Uint8Array,
      address = '192.0.2.1',
    ): Promise<InProcessResponse> {
      const response = await relay.http.inject({
        method,
        url: path,
        headers: { ...headers },
        remoteAddress: address,
        ...(body !== undefined && { payload: Buffer.from(body) }),
      });
      const texts = Object.entries(response.headers).map(([name, value]) => [name, String(value)]);
      return {
        status: response.statusCode,
        headers: Object.fromEntries(texts) as Record<string, string>,
        body: new Uint8Array(response.rawPayload),
      };
    },
    /** Ends connections; the stores stay for a relay that comes after. */
    close: () => relay.close(),
  };
}

/**
 * A relay that listens on a free port: in memory, or in `dataDir`. Quotas are off unless given; the rest is configured as
 * for `npm start`.
 */
export function startTestRelay(options: TestRelayOptions = {}): Promise<RunningRelay> {
  const { dataDir, quotas, config: chosen, port = 0, directory = 'exact', ...others } = options;
  const config: Config = {
    ...readConfig({}),
    ...chosen,
    port,
    directory,
    ...(dataDir === undefined ? { store: 'memory' } : { store: 'sqlite', dataDir }),
  };
  return startRelay(config, { log: silent, ...others, quotas: { ...NO_QUOTAS, ...quotas } });
}

export interface TestRelayOptions extends Partial<StartOptions>, Partial<Pick<Config, 'port' | 'directory'>> {
  readonly dataDir?: string;
  /** Whatever else an operator can set. */
  readonly config?: Partial<Omit<Config, 'port' | 'directory' | 'store' | 'dataDir'>>;
}
