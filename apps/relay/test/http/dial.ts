import type { Reachable } from './person.ts';
import type { Inject } from './test-relay.ts';

/** A relay that listens, for a person: the same stories over the network. */
export const dial = (relay: { readonly origin: string }): Reachable => ({
  origin: relay.origin,
  async call(method: 'GET' | 'POST', path: string, { headers = {}, body }: Inject = {}) {
    const given = Object.entries(headers).filter(
      (header): header is [string, string] => header[1] !== undefined,
    );
    const response = await fetch(relay.origin + path, {
      method,
      headers: { origin: relay.origin, ...Object.fromEntries(given) },
      ...(body !== undefined && { body: typeof body === 'string' ? body : Buffer.from(body) }),
    });
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: new Uint8Array(await response.arrayBuffer()),
    };
  },
});
