import { randomUUID } from 'node:crypto';
import { CBOR_TYPE, type Refusal } from '@sotto/protocol';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { describeError, type Log } from '../log.ts';
import { refuse } from '../refuse.ts';
import { StoreError } from '../store/store-error.ts';
import { mountHealth } from './health.ts';
import { countAnswer, type MetricsDeps, mountMetrics } from './metrics.ts';
import { describeApi } from './openapi.ts';
import { mountPage } from './page.ts';
import { codeOf, sendRefusal } from './refusals.ts';
import { mountRoutes, type RoutesDeps } from './routes.ts';
import { listSecurityHeaders } from './security-headers.ts';

export interface HttpServerDeps extends RoutesDeps, MetricsDeps {
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

/** Requests are parsed by the protocol's schemas: the framework need not load a validator and a serializer of its own. */
const NO_JSON_SCHEMAS = {
  compilersFactory: { buildValidator: refuseSchema, buildSerializer: refuseSchema },
};

function refuseSchema(): never {
  throw new Error('a route has a JSON schema');
}

/** The HTTP half of a relay. Never listens. */
export async function createHttpServer(deps: HttpServerDeps): Promise<FastifyInstance> {
  const app = fastify({
    logger: false,
    trustProxy: deps.trustedProxies.length === 0 ? false : [...deps.trustedProxies],
    requestTimeout: REQUEST_MS,
    exposeHeadRoutes: false,
    // Ours: one that a client chose could name, or forge, another's line in the log.
    requestIdHeader: false,
    genReqId: () => randomUUID(),
    forceCloseConnections: 'idle',
    schemaController: NO_JSON_SCHEMAS,
    frameworkErrors: (error, request, reply) => fail(deps.log, error, request, reply),
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(CBOR_TYPE, { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.setErrorHandler((error, request, reply) => fail(deps.log, error, request, reply));
  app.setNotFoundHandler((request, reply) => sendRefusal(request, reply, refuse('not_found')));
  app.addHook('onRequest', ({ id }, reply, next) => {
    reply.headers(listSecurityHeaders(deps.origin()));
    reply.header('cache-control', 'no-store').header('x-request-id', id);
    next();
  });
  app.addHook('onResponse', (request, reply, next) => {
    // The route's pattern, not the path: paths hold accounts.
    const { id, method, routeOptions } = request;
    const ms = Math.round(reply.elapsedTime);
    const code = reply.getHeader('x-sotto-code');
    const { url: route } = routeOptions;
    deps.log.info({ request: id, method, route, status: reply.statusCode, code, ms }, 'answered');
    countAnswer(deps.metrics, request, reply);
    next();
  });
  mountRoutes(app, deps);
  mountHealth(app, deps.probeStore);
  mountMetrics(app, deps);
  const api = JSON.stringify(describeApi());
  app.get('/openapi.json', (_request, reply) => reply.type('application/json').send(api));
  if (deps.pageFolder !== undefined) await mountPage(app, deps.pageFolder, deps.origin);
  return app;
}

function fail(log: Log, error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const code = codeOf(error);
  if (code === 'internal') log.error({ request: request.id, ...describeError(error) }, 'request failed');
  // A full disk is told once, by who counts refusals.
  if (error instanceof StoreError && error.code !== 'storage_full') {
    log.warn({ request: request.id, ...describeError(error.cause ?? error) }, error.code);
  }
  return sendRefusal(request, reply, refusalOf(code));
}

/** What passes by itself is worth another try soon. */
function refusalOf(code: Refusal['code']): Refusal {
  return code === 'unavailable' || code === 'storage_full' ? refuse(code, 5) : refuse(code);
}
