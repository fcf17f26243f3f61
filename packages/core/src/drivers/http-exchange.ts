import {
  CBOR_TYPE,
  decodeCbor,
  encodeCbor,
  isErrorCode,
  LIMITS,
  type Refusal,
  ROUTES,
  type RouteName,
  type RouteResponse,
  refusal,
} from '@sotto/protocol';
import type { z } from 'zod';
import type { RelayHttp, Unreachable } from '../link/relay-link.ts';
import type { CookieJar } from './cookie-jar.ts';

/** One HTTP request as any transport can send it. `path` includes the query. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | undefined;
}

/** What came back. Every byte of it is the relay's, or that of whoever stands before it. */
interface HttpAnswer {
  readonly status: number;
  readonly body: Uint8Array;
  /** `Set-Cookie` headers, where the platform shows them (never in a browser). */
  readonly setCookie: readonly string[];
}

/** Undefined when there was no whole answer: no network, a timeout, more than `ANSWER_LIMIT` bytes. */
export type HttpTransport = (request: HttpRequest) => Promise<HttpAnswer | undefined>;

/** The longest answer any route gives: a whole chain, or the KeyPackages of every device of an account. */
export const ANSWER_LIMIT =
  Math.max(LIMITS.statementsPerChain * (LIMITS.statement + 8), 256 * (LIMITS.keyPackage + 64)) + 1024;

/** RelayHttp over a transport: builds requests from the routes, and lets only answers of their shape through. */
export function createRelayHttp(
  origin: string,
  transport: HttpTransport,
  cookies?: CookieJar | undefined,
): RelayHttp {
  return {
    origin,
    async call(route, input) {
      const headers = headersOf(route, input.token, cookies);
      const { method } = ROUTES[route];
      const body = method === 'GET' ? undefined : encodeCbor(input.body ?? {});
      const answer = await transport({ method, path: pathOf(route, input), headers, body });
      if (answer === undefined) return { ok: false, code: 'offline' };
      cookies?.take(answer.setCookie);
      return readAnswer(route, answer);
    },
  };
}

function headersOf(
  route: RouteName,
  token: string | undefined,
  cookies: CookieJar | undefined,
): Record<string, string> {
  const { method, path } = ROUTES[route];
  const headers: Record<string, string> = { accept: CBOR_TYPE };
  if (method === 'POST') headers['content-type'] = CBOR_TYPE;
  if (token !== undefined) headers.authorization = `Bearer ${token}`;
  const cookie = path.startsWith('/auth/') ? cookies?.header() : undefined;
  if (cookie !== undefined) headers.cookie = cookie;
  return headers;
}

function pathOf(
  route: RouteName,
  input: { readonly params?: object | undefined; readonly query?: object | undefined },
): string {
  let path: string = ROUTES[route].path;
  for (const [name, value] of Object.entries(input.params ?? {}))
    path = path.replace(`:${name}`, encodeURIComponent(String(value)));
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(input.query ?? {}))
    if (value !== undefined) query.set(name, String(value));
  return query.size === 0 ? path : `${path}?${query}`;
}

function readAnswer<N extends RouteName>(
  route: N,
  answer: HttpAnswer,
): { readonly ok: true; readonly value: RouteResponse<N> } | Refusal | Unreachable {
  const decoded = decodeCbor(answer.body, ANSWER_LIMIT);
  if (answer.status >= 200 && answer.status < 300) {
    const schema: z.ZodType = ROUTES[route].response;
    const parsed = schema.safeParse(decoded);
    if (!parsed.success) return { ok: false, code: 'malformed_answer' };
    return { ok: true, value: parsed.data as RouteResponse<N> };
  }
  const refused = readRefusal(decoded);
  if (refused !== undefined) return refused;
  // A gateway before a relay that is down answers in its own words.
  return { ok: false, code: answer.status >= 500 ? 'offline' : 'malformed_answer' };
}

/** A refusal of the catalogue; undefined for anything else. */
export function readRefusal(value: unknown): Refusal | undefined {
  const parsed = refusal.safeParse(value);
  if (!parsed.success || !isErrorCode(parsed.data.code)) return undefined;
  return { ...parsed.data, code: parsed.data.code };
}
