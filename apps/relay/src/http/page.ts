import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

/** The built page: the files that stand in the folder now, and nothing else. */
export async function mountPage(app: FastifyInstance, folder: string, origin: () => string): Promise<void> {
  if (!existsSync(join(folder, 'index.html'))) return;
  // A password is bound to the public origin (OPAQUE's server identity), so a page under another name could sign nobody in.
  app.addHook('onRequest', async (request, reply) => {
    if (!PAGES.has(request.url.split('?')[0] ?? '') || request.host === new URL(origin()).host) return;
    return reply.redirect(`${origin()}/`, 307);
  });
  await app.register(fastifyStatic, {
    root: folder,
    wildcard: false,
    preCompressed: true,
    cacheControl: false,
    setHeaders: (reply, path) => {
      reply.header('cache-control', isHashed(path) ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
}

const PAGES: ReadonlySet<string> = new Set(['/', '/index.html']);

/** Vite puts files with their hash in the name, and only those, under `assets/`. */
function isHashed(path: string): boolean {
  return /[/\\]assets[/\\][^/\\]+-[\w-]{8,}\.\w+(\.br|\.gz)?$/.test(path);
}
