import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestServer, type TestServer } from '../../apps/relay/test/store/mongodb/server.ts';
import { type RedisServer, startRedis } from '../../apps/relay/test/store/redis/server.ts';
import { createNursery, findPort, type Nursery, type RelayNode } from './nodes.ts';
import { createTown, type Town } from './town.ts';

export interface GroundsOptions {
  readonly store: 'sqlite' | 'mongodb';
  /** More than one needs `mongodb`. */
  readonly nodes: number;
  /** Nodes without it deliver by reading. */
  readonly redis?: boolean;
  /** Further settings of every node. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Those of one node alone, the first being 0. */
  readonly settingsOf?: (place: number) => Readonly<Record<string, string>>;
}

/** The relays of one run as real processes, what they share, and a folder that goes with them. */
export interface Grounds {
  readonly town: Town;
  /** What the store is, for people to read. */
  readonly about: string;
  /** One for each node: it comes back at the same place after a kill. */
  readonly places: readonly Place[];
  /** Undefined where there is none: `about` says so. */
  readonly redis: RedisServer | undefined;
  /** Undefined for SQLite. */
  readonly server: TestServer | undefined;
  /** Ends everything that was started here. */
  close(): Promise<void>;
}

/** Where one node lives, dies, and lives again. */
export interface Place {
  /** The node that serves; undefined while it is down. */
  readonly node: () => RelayNode | undefined;
  start(): Promise<RelayNode>;
  /** Starts one that is killed so many milliseconds later, most likely before it serves. */
  startInVain(ms: number): Promise<void>;
  kill(): Promise<void>;
}

/** A text says what is missing on this machine. */
export async function openGrounds(options: GroundsOptions): Promise<Grounds | string> {
  const closings: (() => unknown)[] = [];
  const close = async () => {
    for (const step of closings.splice(0).reverse()) await step();
  };
  try {
    return await open(options, closings, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function open(
  { store, nodes, redis: wantsRedis = false, settings = {}, settingsOf }: GroundsOptions,
  closings: (() => unknown)[],
  close: () => Promise<void>,
): Promise<Grounds | string> {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-faults-'));
  closings.push(() => rmSync(folder, { recursive: true }));
  const server = store === 'mongodb' ? await startTestServer() : undefined;
  if (typeof server === 'string') {
    await close();
    return server;
  }
  if (server !== undefined) closings.push(server.stop);
  const found = wantsRedis ? await startRedis() : 'no Redis';
  const redis = typeof found === 'string' ? undefined : found;
  if (redis !== undefined) closings.push(redis.stop);
  const ports: number[] = [];
  while (ports.length < nodes) ports.push(await findPort());
  const town = createTown(`http://localhost:${ports[0]}`);
  const shared = nameShared(server, redis);
  const own = { PUBLIC_URL: town.origin, SOTTO_DATA_DIR: join(folder, 'data') };
  const open = (further: Readonly<Record<string, string>> = {}) => {
    const all = { ...DEFAULTS, ...own, ...shared, ...settings, ...further };
    const nursery = createNursery(all, join(folder, 'compiled'));
    closings.push(nursery.close);
    return nursery;
  };
  const common = settingsOf === undefined ? open() : undefined;
  const places = ports.map((port, n) => createPlace(common ?? open(settingsOf?.(n)), town, port));
  // The first one makes the secrets that the others read.
  for (const place of places) await place.start();
  const about = `${server?.name ?? 'SQLite'}, ${typeof found === 'string' ? found : 'Redis'}`;
  return { town, about, places, redis, server, close };
}

const DEFAULTS = { SOTTO_LOG: 'warn', SOTTO_REGISTRATIONS_PER_HOUR: '1000' };

function nameShared(
  server: TestServer | undefined,
  redis: RedisServer | undefined,
): Readonly<Record<string, string>> {
  return {
    ...(server !== undefined && { MONGO_URI: nameDatabase(server.uri) }),
    ...(redis !== undefined && { REDIS_URL: redis.url }),
  };
}

function createPlace(nursery: Nursery, town: Town, port: number): Place {
  let node: RelayNode | undefined;
  return {
    node: () => node,
    async start() {
      const started = await nursery.start(port);
      node = started;
      town.open(started);
      return started;
    },
    startInVain: (ms) => nursery.startInVain(port, ms),
    async kill() {
      const victim = node;
      if (victim === undefined) return;
      node = undefined;
      town.shut(victim);
      await victim.kill();
    },
  };
}

/** A database that nobody else uses, at the server of a URI. */
function nameDatabase(uri: string): string {
  const [, server, query = ''] = /^([^/]+\/\/[^/?]+)(?:\/[^?]*)?(\?.*)?$/.exec(uri) ?? [];
  return `${server}/sotto_faults_${randomBytes(6).toString('hex')}${query}`;
}
