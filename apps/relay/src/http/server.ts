import { CBOR_TYPE, type Refusal } from '@sotto/protocol';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { describeError, type Log } from '../log.ts';
import { refuse } from '../refuse.ts';
import { StoreError } from '../store/store-error.ts';
import { mountHealth } from './health.ts';
import { describeApi } from './openapi.ts';
import { mountPage } from './page.ts';
import { codeOf, sendRefusal } from './refusals.ts';
import { mountRoutes, type RoutesDeps } from './routes.ts';
import { listSecurityHeaders } from './security-headers.ts';

export interface HttpServerDeps extends RoutesDeps {
  readonly log: Log;
  /** Rejects with `StoreError` unless a write becomes durable now. */
  readonly probeStore: () => Promise<void>;
  /** Folder of the built page; undefined for a relay without one. */
  readonly pageFolder: string | undefined;
  /** Addresses of reverse proxies whose `x-forwarded-*` headers count. */
  readonly trustedProxies: readonly string[];
}

/** Longest that a request may take to arrive: a slow sender holds a connection no longer. */
const REQUEST_MS = 30_000;

/** The HTTP half of a relay. Never listens. */
export async function createHttpServer(deps: HttpServerDeps): Promise<FastifyInstance> {
  const app = fastify({
    logger: false,
    trustProxy: deps.trustedProxies.length === 0 ? false : [...deps.trustedProxies],
    requestTimeout: REQUEST_MS,
    exposeHeadRoutes: false,
    forceCloseConnections: 'idle',
    frameworkErrors: (error, request, reply) => fail(deps.log, error, request, reply),
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(CBOR_TYPE, { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.setErrorHandler((error, request, reply) => fail(deps.log, error, request, reply));
  app.setNotFoundHandler((request, reply) => sendRefusal(request, reply, refuse('not_found')));
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers(listSecurityHeaders(deps.origin())).header('cache-control', 'no-store');
  });
  app.addHook('onResponse', async (request, reply) => {
    // The route's pattern, not the path: paths hold accounts.
    const { method, routeOptions } = request;
    const ms = Math.round(reply.elapsedTime);
    const code = reply.getHeader('x-sotto-code');
    deps.log.info({ method, route: routeOptions.url, status: reply.statusCode, code, ms }, 'answered');
  });
  mountRoutes(app, deps);
  mountHealth(app, deps.probeStore);
  const api = JSON.stringify(describeApi());
  app.get('/openapi.json', (_request, reply) => reply.type('application/json').send(api));
  if (deps.pageFolder !== undefined) await mountPage(app, deps.pageFolder, deps.origin);
  return app;
}

function fail(log: Log, error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const code = codeOf(error);
  if (code === 'internal') log.error(describeError(error), 'request failed');
  if (error instanceof StoreError) log.warn(describeError(error.cause ?? error), error.code);
  return sendRefusal(request, reply, refusalOf(code));
}

/** What passes by itself is worth another try soon. */
function refusalOf(code: Refusal['code']): Refusal {
  return code === 'unavailable' || code === 'storage_full' ? refuse(code, 5) : refuse(code);
}
