import type { FastifyInstance } from 'fastify';

/**
 * `/healthz`: the process answers. `/readyz`: the store takes writes. Callers are strangers, so those who ask together
 * share one write, and its result holds for a moment.
 */
export function mountHealth(app: FastifyInstance, probeStore: () => Promise<void>): void {
  const isReady = shareFor(5000, async () => {
    try {
      await probeStore();
      return true;
    } catch {
      return false;
    }
  });
  app.get('/healthz', async (_request, reply) => reply.type('text/plain').send('ok\n'));
  app.get('/readyz', async (_request, reply) => {
    const ready = await isReady();
    return reply
      .code(ready ? 200 : 503)
      .type('text/plain')
      .send(ready ? 'ready\n' : 'the store takes no writes\n');
  });
}

function shareFor<T>(ms: number, work: () => Promise<T>): () => Promise<T> {
  let shared: { readonly answer: Promise<T>; readonly until: number } | undefined;
  return () => {
    const now = performance.now();
    if (shared === undefined || shared.until < now) shared = { answer: work(), until: now + ms };
    return shared.answer;
  };
}
