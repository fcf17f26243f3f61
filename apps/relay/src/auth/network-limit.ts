import { networkOf, siteOf } from './network.ts';
import type { RateLimiter } from './rate-limiter.ts';

/** Networks of one site that may ask for as much as they can. */
const NETWORKS_PER_SITE = 8;

/**
 * Counts one request of a network. Seconds to wait when it is one too many, of the network or of its whole site: a customer who has
 * 65536 networks for the asking would use up what is there for everybody.
 */
export async function takeOfNetwork(
  limiter: RateLimiter,
  of: { readonly what: string; readonly address: string; readonly limit: number; readonly seconds: number },
): Promise<number | undefined> {
  const { what, address, limit, seconds } = of;
  const [network, site] = [networkOf(address), siteOf(address)];
  const wait = await limiter.take(`${what} ${network}`, limit, seconds);
  if (wait !== undefined || site === network) return wait;
  return limiter.take(`${what} ${site}`, limit * NETWORKS_PER_SITE, seconds);
}
