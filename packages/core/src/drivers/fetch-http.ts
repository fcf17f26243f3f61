import type { RelayHttp } from '../link/relay-link.ts';
import type { CookieJar } from './cookie-jar.ts';
import { ANSWER_LIMIT, createRelayHttp, type HttpRequest } from './http-exchange.ts';

export interface FetchHttpOptions {
  /** scheme://host[:port]. */
  readonly origin: string;
  readonly timeoutMs?: number | undefined;
  /** Node only: a browser keeps the refresh cookie itself and lets no script see it. */
  readonly cookies?: CookieJar | undefined;
  readonly fetch?: typeof fetch | undefined;
}

/** The relay's HTTP half over fetch. No answer within `timeoutMs` (15 s) is `offline`: it may have taken effect. */
export function createFetchHttp(options: FetchHttpOptions): RelayHttp {
  const send = options.fetch ?? fetch.bind(globalThis);
  return createRelayHttp(
    options.origin,
    async (request) => {
      try {
        const signal = AbortSignal.timeout(options.timeoutMs ?? 15_000);
        const response = await send(`${options.origin}${request.path}`, { ...initOf(request), signal });
        const body = await readCapped(response);
        if (body === undefined) return undefined;
        return { status: response.status, body, setCookie: response.headers.getSetCookie() };
      } catch {
        return undefined;
      }
    },
    options.cookies,
  );
}

function initOf({ method, headers, body }: HttpRequest): RequestInit {
  return {
    method,
    headers,
    // A redirect would carry the token to wherever it points.
    redirect: 'error',
    cache: 'no-store',
    credentials: 'same-origin',
    referrerPolicy: 'no-referrer',
    ...(body === undefined ? {} : { body: new Uint8Array(body) }),
  };
}

/** The whole body, or undefined as soon as it is longer than any answer may be. */
async function readCapped(response: Response): Promise<Uint8Array | undefined> {
  if (response.body === null) return new Uint8Array(0);
  const parts: Uint8Array[] = [];
  let size = 0;
  const reader = response.body.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    size += part.value.length;
    if (size > ANSWER_LIMIT) {
      await reader.cancel();
      return undefined;
    }
    parts.push(part.value);
  }
  return joinParts(parts, size);
}

function joinParts(parts: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
