import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeHex, encodeHex, type Refusal } from '@sotto/protocol';
import { createRateLimiter } from './auth/rate-limiter.ts';
import { measureInboxes, measureLogs } from './metrics/measured-stores.ts';
import { createMetrics } from './metrics/metrics.ts';
import { type Connections, type ConnectionsDeps, createConnections } from './realtime/connections.ts';
import { createDailyQuotas } from './realtime/daily-quotas.ts';
import { createInProcessDoor } from './realtime/in-process.ts';
import type { OtherNodes } from './realtime/other-nodes.ts';
import type { RequestRate } from './realtime/request-bucket.ts';
import type { LiveSession } from './realtime/session.ts';
import { createSocketServer } from './realtime/socket-server.ts';
import type { CounterStore } from './store/counter-store.ts';
import type { InboxStore } from './store/inbox-store.ts';
import type { LogStore } from './store/log-store.ts';
import { createMemoryCounters } from './store/memory/counters.ts';
import { createMemoryLogs } from './store/memory/logs.ts';
import { createSqliteLogs } from './store/sqlite/logs.ts';

export interface LiveRelayOptions {
  /** SQLite file; in memory when not given. */
  readonly path?: string;
  readonly rate?: RequestRate;
  readonly gatherMs?: number;
  readonly clock?: () => number;
  readonly port?: number;
  readonly report?: (error: unknown) => void;
  /** What others have open as well: other nodes, with how they hear of each other, or a test. */
  readonly shared?: SharedStores;
  /** Every device exists, when not given. */
  readonly knowsDevice?: ConnectionsDeps['knowsDevice'];
}

/** Stores that several nodes have open, or, without news and hints, one. */
export interface SharedStores extends Partial<OtherNodes> {
  readonly logs: LogStore;
  readonly inboxes: InboxStore;
  /** In memory, of this node alone, when not given. */
  readonly counters?: CounterStore;
}

/** The token that `startLiveRelay` takes for a session: it says who it is, and anybody can make one. */
export function testToken({ id, account, device }: LiveSession): string {
  return [account, device, id].map(encodeHex).join('.');
}

/** Reads a `testToken`. */
export async function authenticateTest(token: string): Promise<LiveSession | Refusal> {
  const [account, device, id] = token.split('.').map(decodeHex);
  if (account?.length !== 16 || device?.length !== 16 || id === undefined) {
    return { ok: false, code: 'unauthorized' };
  }
  return { account, device, id } as unknown as LiveSession;
}

/** The live half of a relay: the real code and stores, with `testToken` in place of accounts. */
export function createLiveRelay(options: LiveRelayOptions = {}): {
  readonly connections: Connections;
  readonly logs: LogStore;
  readonly inboxes: InboxStore;
  readonly connect: ReturnType<typeof createInProcessDoor>;
} {
  const { rate, shared } = options;
  const { logs, inboxes } = shared ?? openLiveStores(options);
  // Counted as in a whole relay: what is measured here is what runs.
  const metrics = createMetrics();
  const clock = options.clock ?? Date.now;
  const counters = shared?.counters ?? createMemoryCounters();
  const connections = createConnections({
    logs: measureLogs(logs, metrics),
    inboxes: measureInboxes(inboxes, metrics),
    metrics,
    knowsDevice: options.knowsDevice ?? (async () => true),
    quotas: createDailyQuotas(createRateLimiter(counters, clock)),
    clock,
    report: options.report ?? (() => {}),
    ...(rate === undefined ? {} : { rate }),
    ...(shared?.hints !== undefined &&
      shared.news !== undefined && { others: { hints: shared.hints, news: shared.news } }),
  });
  return { logs, inboxes, connections, connect: createInProcessDoor(connections, authenticateTest) };
}

function openLiveStores({ path, gatherMs }: LiveRelayOptions) {
  const gathering = gatherMs === undefined ? {} : { gatherMs };
  return path === undefined ? createMemoryLogs() : createSqliteLogs({ path, ...gathering });
}

/** The same over Socket.IO, on a free port of this machine alone unless one is given. */
export async function startLiveRelay(options: LiveRelayOptions = {}) {
  const relay = createLiveRelay(options);
  const server = createServer();
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(options.port ?? 0, '127.0.0.1', resolve);
  await promise;
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const sockets = createSocketServer({
    server,
    connections: relay.connections,
    authenticate: authenticateTest,
    origin: () => origin,
  });
  return {
    ...relay,
    origin,
    async close() {
      await sockets.close();
      relay.connections.stop();
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      await closed.promise;
      if (options.shared === undefined) await relay.logs.close();
    },
  };
}

export { openSqliteStores } from './open-stores.ts';
export { createMailbox, type Mailbox } from './testing-mailbox.ts';
export {
  createInProcessRelay,
  type InProcessRelayOptions,
  type InProcessResponse,
  startTestRelay as startRelay,
  type TestRelayOptions,
} from './testing-relay.ts';
