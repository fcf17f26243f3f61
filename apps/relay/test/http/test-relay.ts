import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Log } from '../../src/log.ts';
import { openMemoryStores, openSqliteStores } from '../../src/open-stores.ts';
import { DEFAULT_QUOTAS, type Quotas } from '../../src/quotas.ts';
import type { AccountStores } from '../../src/store/account-stores.ts';
import { createMailbox } from '../../src/testing-mailbox.ts';
import { createInProcessRelay } from '../../src/testing-relay.ts';

export interface TestRelayOptions {
  readonly store?: 'memory' | 'sqlite';
  readonly accountStores?: AccountStores;
  readonly quotas?: Partial<Quotas>;
  readonly directory?: 'exact' | 'open';
  readonly origin?: string;
  readonly pageFolder?: string;
  readonly registration?: 'open' | 'invite' | 'closed';
  readonly requireEmail?: boolean;
  readonly codeSeconds?: number;
  readonly metricsToken?: string;
  /** `off`: a relay that sends no mail. */
  readonly mail?: 'off';
}

export interface Inject {
  readonly headers?: Record<string, string | undefined>;
  readonly body?: Uint8Array | string | undefined;
  readonly address?: string;
}

/** A relay without a socket, with a clock that a test moves by hand and the quotas of a real one. */
export async function createTestRelay(given: TestRelayOptions = {}) {
  const { store, accountStores, quotas, mail, ...options } = given;
  const mailbox = createMailbox();
  const clock = { now: Date.UTC(2026, 0, 1) };
  const lines: string[] = [];
  const write = (fields: object, event: string) => void lines.push(JSON.stringify({ event, ...fields }));
  const log: Log = { info: write, warn: write, error: write };
  const folder = store === 'sqlite' ? await mkdtemp(join(tmpdir(), 'sotto-relay-')) : undefined;
  const stores = folder === undefined ? openMemoryStores() : openSqliteStores(folder);
  const relay = await createInProcessRelay({
    ...options,
    stores: { ...stores, ...(accountStores !== undefined && { accountStores }) },
    clock: () => clock.now,
    log,
    quotas: { ...DEFAULT_QUOTAS, work: 'light', ...quotas },
    ...(mail !== 'off' && { mailer: mailbox }),
  });
  return {
    origin: relay.origin,
    connect: relay.connect,
    mailbox,
    accountStores: relay.accountStores,
    now: () => clock.now,
    log: lines,
    advance(seconds: number) {
      clock.now += seconds * 1000;
    },
    call(method: 'GET' | 'POST', url: string, { headers = {}, body, address = '203.0.113.7' }: Inject = {}) {
      const given = Object.entries(headers).filter(
        (header): header is [string, string] => header[1] !== undefined,
      );
      const payload = typeof body === 'string' ? new TextEncoder().encode(body) : body;
      return relay.call(method, url, Object.fromEntries(given), payload, address);
    },
    async close() {
      await relay.close();
      await stores.close();
      if (folder !== undefined) await rm(folder, { recursive: true });
    },
  };
}

export type TestRelay = Awaited<ReturnType<typeof createTestRelay>>;
