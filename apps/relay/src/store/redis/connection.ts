export type RedisConnection = Awaited<ReturnType<typeof makeClient>>;

/** A command that is not answered by then failed: whoever waits for it goes on without Redis. */
const COMMAND_MS = 1000;
const CONNECT_MS = 3000;
const LONGEST_WAIT_MS = 1000;

/**
 * Connects, or rejects when no server takes the connection now. From then on it comes back by itself; until it does, commands
 * fail at once instead of waiting. `report` is told of each trouble; errors may hold the address.
 */
export async function connectRedis(
  url: string,
  report: (error: unknown) => void = () => {},
): Promise<RedisConnection> {
  let connected = false;
  const client = await makeClient(url, (retries, cause) =>
    connected ? Math.min(50 * 2 ** retries, LONGEST_WAIT_MS) : cause,
  );
  // Without a listener Node ends the process.
  client.on('error', report);
  await client.connect();
  connected = true;
  return client;
}

async function makeClient(url: string, reconnectStrategy: (retries: number, cause: Error) => number | Error) {
  // Its some hundred commands take longer to load than the rest of the relay: only for those that have a Redis.
  const { createClient } = await import('redis');
  return createClient({
    url,
    disableOfflineQueue: true,
    commandOptions: { timeout: COMMAND_MS },
    socket: { connectTimeout: CONNECT_MS, reconnectStrategy },
    maintNotifications: 'disabled',
  });
}
