import {
  CBOR_TYPE,
  decodeCbor,
  encodeCbor,
  LIMITS,
  type Refusal,
  ROUTES,
  type RouteName,
} from '@sotto/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Sessions } from '../auth/sessions.ts';
import { isRefusal, refuse } from '../refuse.ts';
import type { OpenSession } from '../store/session-store.ts';
import type { RefreshCookie } from './cookie.ts';
import type { Handlers, Success } from './handlers.ts';
import { sendRefusal } from './refusals.ts';

export interface RoutesDeps {
  readonly handlers: Handlers;
  readonly sessions: Pick<Sessions, 'authenticate'>;
  readonly cookie: RefreshCookie;
  readonly origin: () => string;
}

/** The routes of the protocol, all bound the same way: who asks, then form, then the handler. */
export function mountRoutes(app: FastifyInstance, deps: RoutesDeps): void {
  for (const name of Object.keys(ROUTES) as RouteName[]) mountRoute(app, name, deps);
}

/** Bodies that carry KeyPackages are large; every other one is small, and capped before it is read. */
const SMALL_BODY = 16 * 1024;
const LARGE_BODIES: readonly RouteName[] = ['publishKeyPackages'];

function mountRoute(app: FastifyInstance, name: RouteName, deps: RoutesDeps): void {
  const route: Route = ROUTES[name];
  const bodyLimit = LARGE_BODIES.includes(name) ? LIMITS.httpBody : SMALL_BODY;
  const callers = new WeakMap<FastifyRequest, OpenSession>();
  app.route({
    method: route.method,
    url: route.path,
    bodyLimit,
    // Before the body is read: who may not ask costs nothing.
    onRequest: async (request, reply) => {
      const refusal = checkOrigin(request, deps.origin()) ?? checkMediaType(request, route);
      if (refusal !== undefined) return sendRefusal(request, reply, refusal);
      if (route.auth !== 'token') return;
      const caller = await authenticate(request, deps.sessions);
      if (isRefusal(caller)) return refuseCaller(request, reply, caller);
      callers.set(request, caller);
    },
    handler: async (request, reply) => {
      const parts = parseParts(request, route, bodyLimit);
      if (parts === undefined) return sendRefusal(request, reply, refuse('bad_request'));
      // The table types each handler by its own route; here any of them is called with what its own schemas gave.
      const handle = deps.handlers[name] as (call: object) => Promise<Success<RouteName> | Refusal>;
      const answer = await handle({
        ...parts,
        caller: callers.get(request),
        address: request.ip,
        refreshToken: deps.cookie.read(request.headers.cookie),
      });
      return isRefusal(answer)
        ? refuseCaller(request, reply, answer)
        : sendAnswer(reply, answer, deps.cookie);
    },
  });

  /** Who leaves, or renews, a session that has ended keeps no cookie of it. */
  function refuseCaller(request: FastifyRequest, reply: FastifyReply, refusal: Refusal): FastifyReply {
    const isOver = refusal.code === 'session_ended' && (name === 'logout' || name === 'refresh');
    if (isOver) reply.header('set-cookie', deps.cookie.write('cleared'));
    return sendRefusal(request, reply, refusal);
  }
}

interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly auth: 'none' | 'cookie' | 'token';
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
}

/** A page of another origin cannot act here: browsers say where a request comes from, other clients say nothing. */
function checkOrigin(request: FastifyRequest, origin: string): Refusal | undefined {
  const claimed = request.headers.origin;
  return claimed === undefined || claimed === origin ? undefined : refuse('forbidden');
}

/** CBOR is no type that a form or a simple cross-site request can have. */
function checkMediaType(request: FastifyRequest, { method }: Route): Refusal | undefined {
  const expects = method === 'POST';
  return !expects || request.headers['content-type'] === CBOR_TYPE
    ? undefined
    : refuse('unsupported_media_type');
}

async function authenticate(
  request: FastifyRequest,
  sessions: RoutesDeps['sessions'],
): Promise<OpenSession | Refusal> {
  const token = /^Bearer ([\w.-]+)$/.exec(request.headers.authorization ?? '')?.[1];
  return token === undefined ? refuse('unauthorized') : sessions.authenticate(token);
}

type Parts = { body: unknown; query: unknown; params: unknown };

/** Everything the caller chose, by the route's schemas; undefined when any of it does not fit. */
function parseParts(request: FastifyRequest, route: Route, bodyLimit: number): Parts | undefined {
  const body =
    route.body === undefined ? nothing(request.body) : parseBody(request.body, route.body, bodyLimit);
  const query = parseFields(request.query, route.query);
  const params = parseFields(request.params, route.params);
  if (body === REFUSED || query === REFUSED || params === REFUSED) return undefined;
  return { body, query, params };
}

const REFUSED = Symbol('refused');

function nothing(body: unknown): unknown {
  return body === undefined || body === null ? undefined : REFUSED;
}

function parseBody(body: unknown, schema: z.ZodType, limit: number): unknown {
  if (!(body instanceof Uint8Array)) return REFUSED;
  const parsed = schema.safeParse(decodeCbor(body, limit));
  return parsed.success ? parsed.data : REFUSED;
}

function parseFields(fields: unknown, schema: z.ZodType | undefined): unknown {
  if (schema !== undefined) {
    const parsed = schema.safeParse(fields);
    return parsed.success ? parsed.data : REFUSED;
  }
  return Object.keys(fields ?? {}).length === 0 ? undefined : REFUSED;
}

function sendAnswer(reply: FastifyReply, answer: Success<RouteName>, cookie: RefreshCookie): FastifyReply {
  if (answer.refreshToken !== undefined) reply.header('set-cookie', cookie.write(answer.refreshToken));
  return reply.type(CBOR_TYPE).send(Buffer.from(encodeCbor(answer.body)));
}
