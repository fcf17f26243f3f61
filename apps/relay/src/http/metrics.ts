import { createHash, timingSafeEqual } from 'node:crypto';
import { isErrorCode, ROUTES } from '@sotto/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Metrics } from '../metrics/metrics.ts';
import { refuse } from '../refuse.ts';
import { sendRefusal } from './refusals.ts';

export interface MetricsDeps {
  readonly metrics: Metrics;
  /** What opens `/metrics` from elsewhere; undefined: nothing does. Secret. */
  readonly metricsToken: string | undefined;
}

/**
 * `/metrics`, for this machine and for who shows the operator's token; to others there is no such page. Numbers alone, no
 * names: still nothing that strangers need to know.
 */
export function mountMetrics(app: FastifyInstance, { metrics, metricsToken }: MetricsDeps): void {
  app.get('/metrics', async (request, reply) => {
    const shown = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
    const isOpened = metricsToken !== undefined && shown !== undefined && isSame(shown, metricsToken);
    if (!isOpened && !isFromHere(request)) return sendRefusal(request, reply, refuse('not_found'));
    const { type, text } = await metrics.render();
    return reply.header('content-type', type).send(text);
  });
}

/** Counts an answer. */
export function countAnswer(metrics: Metrics, request: FastifyRequest, reply: FastifyReply): void {
  const { url } = request.routeOptions;
  const code = reply.getHeader('x-sotto-code');
  const refused = typeof code === 'string' && isErrorCode(code) ? code : undefined;
  metrics.answered(nameRoute(url), reply.statusCode, reply.elapsedTime / 1000);
  if (refused !== undefined) metrics.refused('http', refused);
  if (url === undefined || !SIGN_INS.has(url)) return;
  const isIn = reply.getHeader('set-cookie') !== undefined;
  metrics.signedIn(refused ?? (isIn ? 'signed_in' : 'factor_asked'));
}

/** Where signing in ends, one way or the other. */
const SIGN_INS: ReadonlySet<string> = new Set([ROUTES.loginFinish.path, ROUTES.loginVerify.path]);
const NAMED: ReadonlySet<string> = new Set([
  ...Object.values(ROUTES).map(({ path }) => path),
  '/healthz',
  '/readyz',
  '/metrics',
  '/openapi.json',
]);

/** A pattern that this relay made: never what a client asked for. */
function nameRoute(url: string | undefined): string {
  if (url === undefined) return 'none';
  return NAMED.has(url) ? url : 'page';
}

const FORWARDED = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip'];
const LOOPBACK = /^(127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/;
const LOOPBACK_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;

/**
 * Asked on this machine, for itself: what a proxy here passes on says so, and a page in a browser here that has a name of its
 * own for this machine shows that name.
 */
function isFromHere({ socket, headers }: FastifyRequest): boolean {
  return (
    LOOPBACK.test(socket.remoteAddress ?? '') &&
    LOOPBACK_HOST.test(headers.host ?? '') &&
    FORWARDED.every((name) => headers[name] === undefined)
  );
}

function isSame(a: string, b: string): boolean {
  const [one, other] = [a, b].map((text) => createHash('sha256').update(text).digest());
  return one !== undefined && other !== undefined && timingSafeEqual(one, other);
}
