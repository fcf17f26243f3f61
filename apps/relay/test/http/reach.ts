import type { createInProcessRelay } from '../../src/testing-relay.ts';
import type { Reachable } from './person.ts';

/** A relay without a socket, for a person. `watch` sees every answer's headers. */
export function reach(
  relay: Pick<Awaited<ReturnType<typeof createInProcessRelay>>, 'origin' | 'call'>,
  watch: (headers: Readonly<Record<string, string>>) => void = () => {},
): Reachable {
  return {
    origin: relay.origin,
    async call(method, url, { headers = {}, body, address } = {}) {
      const given = Object.entries(headers).filter(
        (entry): entry is [string, string] => entry[1] !== undefined,
      );
      const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
      const response = await relay.call(method, url, Object.fromEntries(given), bytes, address);
      watch(response.headers);
      return response;
    },
  };
}
