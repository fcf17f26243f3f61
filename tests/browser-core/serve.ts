// Bundles workers and pages of core's own browser tests and serves them from loopback, under the policy of the real page.
import { writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { build, type Rolldown } from 'vite';

const ROOT = join(import.meta.dirname, '../..');

/** As the relay sends it with the page. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "connect-src 'self'",
  "worker-src 'self'",
  "require-trusted-types-for 'script'",
  'trusted-types sotto-worker',
].join('; ');

export interface Served {
  readonly origin: string;
  readonly server: Server;
  close(): Promise<void>;
}

const PAGES = {
  'tell-page': 'packages/core/test/browser/tell-page.ts',
  'tabs-page': 'packages/core/test/browser/tabs-page.ts',
};

/**
 * Each entry is a path from the root of the repository, served under its name. `/` is a page with `window.tell`,
 * `/?worker=name` one with `window.chat` over that worker. `handle` answers what else is asked, and says whether it did.
 */
export async function serve(
  entries: Readonly<Record<string, string>>,
  handle: (request: IncomingMessage, response: ServerResponse) => boolean = () => false,
): Promise<Served> {
  const scripts = new Map<string, string>();
  for (const [name, path] of Object.entries({ ...PAGES, ...entries }))
    scripts.set(`/${name}.js`, await bundle(join(ROOT, path)));
  const server = createServer((request, response) => {
    if (handle(request, response)) return;
    const url = new URL(request.url ?? '/', 'http://localhost');
    const script = scripts.get(url.pathname);
    response.setHeader('content-security-policy', POLICY);
    if (script !== undefined) response.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
    else
      response.writeHead(200, { 'content-type': 'text/html' }).end(pageFor(url.searchParams.get('worker')));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://localhost:${port}`,
    server,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The page with `window.chat` over core's own worker, as files for a relay to serve. */
export async function writePage(folder: string): Promise<void> {
  await writeFile(join(folder, 'index.html'), pageFor('engine'));
  await writeFile(join(folder, 'tabs-page.js'), await bundle(join(ROOT, PAGES['tabs-page'])));
  await writeFile(join(folder, 'engine.js'), await bundle(join(ROOT, 'packages/core/src/worker.ts')));
}

function pageFor(worker: string | null): string {
  const head = '<!doctype html><title>core</title>';
  if (worker === null || !/^[\w-]+$/.test(worker))
    return `${head}<script type="module" src="/tell-page.js"></script>`;
  return `${head}<meta name="worker" content="/${worker}.js"><script type="module" src="/tabs-page.js"></script>`;
}

async function bundle(entry: string): Promise<string> {
  const built = await build({
    root: ROOT,
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      minify: false,
      target: 'esnext',
      rolldownOptions: {
        input: entry,
        preserveEntrySignatures: false,
        output: { format: 'es', codeSplitting: false },
      },
    },
  });
  const [output] = (Array.isArray(built) ? built : [built]) as Rolldown.RolldownOutput[];
  const chunk = output?.output.find((part) => part.type === 'chunk' && part.isEntry);
  if (chunk?.type !== 'chunk') throw new Error(`${entry} did not build`);
  return chunk.code;
}
