import type { RelayHttp } from '../link/relay-link.ts';
import { createCookieJar } from './cookie-jar.ts';
import { createRelayHttp, type HttpRequest } from './http-exchange.ts';

/** A relay in this process: what its testing door gives. Header names of answers are lower case. */
export type CallRelay = (request: HttpRequest) => Promise<{
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Uint8Array;
}>;

/**
 * The relay's HTTP half without a network, the same parsing and an own cookie jar included. `isUp` false plays a lost
 * connection: before the request, nothing of it happens; after it, it took effect and the answer is lost.
 */
export function createMemoryHttp(options: {
  readonly origin: string;
  readonly call: CallRelay;
  readonly isUp?: (() => boolean) | undefined;
}): RelayHttp {
  const isUp = options.isUp ?? (() => true);
  return createRelayHttp(
    options.origin,
    async (request) => {
      if (!isUp()) return undefined;
      const { status, headers, body } = await options.call(request);
      if (!isUp()) return undefined;
      const cookie = headers['set-cookie'];
      const setCookie = cookie === undefined ? [] : typeof cookie === 'string' ? [cookie] : cookie;
      return { status, body, setCookie };
    },
    createCookieJar(),
  );
}
