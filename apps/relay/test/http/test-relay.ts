import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeSecrets, type RelaySecrets } from '../../src/auth/secrets.ts';
import type { Log } from '../../src/http/log.ts';
import { DEFAULT_QUOTAS, type Quotas } from '../../src/quotas.ts';
import { buildRelay } from '../../src/relay.ts';
import type { AccountStores } from '../../src/store/account-stores.ts';
import { createMemoryAccountStores } from '../../src/store/memory/account-stores.ts';
import { createMemoryTickets } from '../../src/store/memory/tickets.ts';
import {
  ACCOUNT_STORES_MIGRATIONS,
  createSqliteAccountStores,
} from '../../src/store/sqlite/account-stores.ts';
import { openDatabase } from '../../src/store/sqlite/database.ts';

export interface TestRelayOptions {
  readonly store?: 'memory' | 'sqlite';
  readonly stores?: AccountStores;
  readonly quotas?: Partial<Quotas>;
  readonly directory?: 'exact' | 'open';
  readonly origin?: string;
  readonly pageFolder?: string;
}

export interface Inject {
  readonly headers?: Record<string, string | undefined>;
  readonly body?: Uint8Array | string | undefined;
  readonly address?: string;
}

/** A relay without a socket, with a clock that a test moves by hand. */
export async function createTestRelay(options: TestRelayOptions = {}) {
  const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
  const clock = { now: Date.UTC(2026, 0, 1) };
  const origin = options.origin ?? 'http://localhost:3000';
  const lines: string[] = [];
  const write = (fields: object, event: string) => void lines.push(JSON.stringify({ event, ...fields }));
  const log: Log = { info: write, warn: write, error: write };
  const { stores, close } = await openStores(options);
  const secrets: RelaySecrets = await makeSecrets(random);
  const relay = await buildRelay({
    accountStores: stores,
    tickets: createMemoryTickets(),
    secrets,
    origin: () => origin,
    clock: () => clock.now,
    random,
    log,
    quotas: { ...DEFAULT_QUOTAS, ...options.quotas },
    directory: options.directory ?? 'exact',
    pageFolder: options.pageFolder,
    trustedProxies: [],
  });
  return {
    origin,
    stores,
    secrets,
    log: lines,
    relay,
    advance(seconds: number) {
      clock.now += seconds * 1000;
    },
    now: () => clock.now,
    async call(method: 'GET' | 'POST', url: string, { headers, body, address }: Inject = {}) {
      const response = await relay.http.inject({
        method,
        url,
        headers: headers ?? {},
        remoteAddress: address ?? '203.0.113.7',
        ...(body !== undefined && { payload: typeof body === 'string' ? body : Buffer.from(body) }),
      });
      return {
        status: response.statusCode,
        headers: response.headers,
        body: new Uint8Array(response.rawPayload),
      };
    },
    async close() {
      await relay.close();
      await close();
    },
  };
}

export type TestRelay = Awaited<ReturnType<typeof createTestRelay>>;

async function openStores({ store = 'memory', stores }: TestRelayOptions) {
  if (stores !== undefined) return { stores, close: async () => {} };
  if (store === 'memory') return { stores: createMemoryAccountStores(), close: async () => {} };
  const folder = await mkdtemp(join(tmpdir(), 'sotto-relay-'));
  const db = openDatabase({ path: join(folder, 'accounts.db'), migrations: ACCOUNT_STORES_MIGRATIONS });
  return {
    stores: createSqliteAccountStores(db),
    close: async () => {
      db.close();
      await rm(folder, { recursive: true });
    },
  };
}
