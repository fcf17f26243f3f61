import { getRandomValues } from 'node:crypto';
import type { CallRelay, ConnectRelay } from '@sotto/core/testing';
import { makeSecrets } from '../../apps/relay/src/auth/secrets.ts';
import { createConnections } from '../../apps/relay/src/realtime/connections.ts';
import { buildRelay } from '../../apps/relay/src/relay.ts';
import { createMemoryAccountStores } from '../../apps/relay/src/store/memory/account-stores.ts';
import { createMemoryLogs } from '../../apps/relay/src/store/memory/logs.ts';
import { createMemoryTickets } from '../../apps/relay/src/store/memory/tickets.ts';

export const ORIGIN = 'http://localhost:3000';

/** The real relay code in this process, without sockets. */
export interface SimulatedRelay {
  readonly call: CallRelay;
  readonly connect: ConnectRelay;
  close(): Promise<void>;
}

export async function createSimulatedRelay(now: () => number): Promise<SimulatedRelay> {
  const random = (length: number) => getRandomValues(new Uint8Array(length));
  const relay = await buildRelay({
    accountStores: createMemoryAccountStores(),
    tickets: createMemoryTickets(),
    secrets: await makeSecrets(random),
    origin: () => ORIGIN,
    clock: now,
    random,
    log: { info: () => {}, warn: () => {}, error: () => {} },
    quotas: {
      registrationsPerHour: 1000,
      lookupsPerMinute: 100_000,
      writesPerHour: 100_000,
      freeAttempts: 100,
    },
    directory: 'exact',
    pageFolder: undefined,
    trustedProxies: [],
  } as never);
  const { logs, inboxes } = createMemoryLogs();
  const connections = createConnections({
    logs,
    inboxes,
    knowsDevice: async () => true,
    clock: now,
    report: (error) => console.error('relay', error),
    rate: { perSecond: 1e6, burst: 1e6 },
  });
  return {
    async call({ method, path, headers, body }) {
      const answer = await relay.http.inject({
        method,
        url: path,
        headers,
        ...(body === undefined ? {} : { payload: Buffer.from(body) }),
      });
      return {
        status: answer.statusCode,
        headers: answer.headers as never,
        body: new Uint8Array(answer.rawPayload),
      };
    },
    async connect({ token }, events) {
      const session = await relay.sessions.authenticate(token);
      if ('ok' in session) return { ok: false, code: session.code };
      const connection = connections.connect(session, {
        notify: (name, notice) => events.notice(name, notice),
        end: () => events.down(),
      });
      return {
        ok: true,
        peer: {
          request: (name, request) => connection.handle(name, request),
          close: () => connection.close(),
        },
      };
    },
    close: () => relay.close(),
  };
}
