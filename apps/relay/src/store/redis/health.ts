import { connectRedis } from './connection.ts';

export interface RedisHealth {
  /** Its clock: milliseconds since 1970. */
  readonly time: number;
  /** What it forgets when its memory is full; undefined when it has no bound. */
  readonly eviction: string | undefined;
}

/** Undefined when no server takes the connection. */
export async function readRedisHealth(url: string): Promise<RedisHealth | undefined> {
  const client = await connectRedis(url).catch(() => undefined);
  if (client === undefined) return undefined;
  try {
    const memory = await client.info('memory');
    const [seconds, microseconds] = (await client.sendCommand(['TIME'])) as unknown as string[];
    const bound = Number(/^maxmemory:(\d+)/m.exec(memory)?.[1] ?? 0);
    return {
      time: Number(seconds) * 1000 + Number(microseconds) / 1000,
      eviction: bound > 0 ? /^maxmemory_policy:([\w-]+)/m.exec(memory)?.[1] : undefined,
    };
  } catch {
    return undefined;
  } finally {
    client.destroy();
  }
}
