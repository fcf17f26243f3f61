import { createUnheardHints, type Hints } from '../../src/realtime/hints.ts';
import { createMemoryCounters } from '../../src/store/memory/counters.ts';
import { createMemoryLogs } from '../../src/store/memory/logs.ts';
import { connectRedis } from '../../src/store/redis/connection.ts';
import { createRedisHints } from '../../src/store/redis/hints.ts';
import { testSeal } from '../store/redis/seal.ts';
import { startRedis } from '../store/redis/server.ts';
import { openHouse } from './live-relay.ts';

/** A `redis-server` of this test file's own; undefined, said out loud, when there is none. */
export async function startTestRedis() {
  const redis = await startRedis();
  if (typeof redis !== 'string') return redis;
  console.warn(`\nSKIPPED, tests of many nodes with Redis: ${redis}\n`);
  return undefined;
}

export interface Hearing {
  readonly hints: Hints;
  close(): Promise<void>;
}

export const deaf = (): Hearing => ({ hints: createUnheardHints(), close: async () => {} });

export async function hearOver(url: string): Promise<Hearing> {
  const client = await connectRedis(url);
  const hints = await createRedisHints(client, testSeal());
  return {
    hints,
    async close() {
      await hints.close();
      client.destroy();
    },
  };
}

/** Nodes that share stores in memory. Each counts how often it reads. */
export function openNodes(stores = createMemoryLogs()) {
  const closings: (() => Promise<void>)[] = [];
  const counters = createMemoryCounters();
  return {
    stores,
    open({ hints, close }: Hearing) {
      const reads = { count: 0 };
      const logs: typeof stores.logs = {
        ...stores.logs,
        readEntries(request) {
          reads.count += 1;
          return stores.logs.readEntries(request);
        },
      };
      const house = openHouse({ shared: { ...stores, logs, hints, counters } });
      closings.push(async () => {
        house.connections.stop();
        await close();
      });
      return { ...house, hints, reads };
    },
    async close() {
      for (const close of closings.splice(0)) await close();
    },
  };
}

export type Node = ReturnType<ReturnType<typeof openNodes>['open']>;
