// Runs the workload in headless Chromium: the page is bundled, and served from loopback, where WebCrypto is available.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { build, type Rolldown } from 'vite';
import { CHROMIUM_FLAGS, ensureChromium } from '../../tools/chromium.ts';
import type { Row } from './workload.ts';

export async function measureInChromium(): Promise<Row[]> {
  const script = await bundle();
  const server = createServer((request, response) => {
    const isScript = request.url === '/page.js';
    response.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html' });
    response.end(isScript ? script : '<!doctype html><script type="module" src="/page.js"></script>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const browser = await chromium.launch({ executablePath: ensureChromium(), args: CHROMIUM_FLAGS });
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${port}/`);
    await page.waitForFunction(() => window.cryptoBench !== undefined);
    return await page.evaluate(() => window.cryptoBench());
  } finally {
    await browser.close();
    server.close();
  }
}

async function bundle(): Promise<string> {
  const built = await build({
    root: import.meta.dirname,
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      minify: false,
      target: 'esnext',
      lib: { entry: join(import.meta.dirname, 'page.ts'), formats: ['es'], fileName: 'page' },
      rolldownOptions: {
        output: { codeSplitting: false },
        // ts-mls names providers of suites that are not measured here, and that are not installed.
        external: ['@hpke/chacha20poly1305', '@hpke/dhkem-x448'],
      },
    },
  });
  const [output] = (Array.isArray(built) ? built : [built]) as Rolldown.RolldownOutput[];
  const chunk = output?.output.find((part) => part.type === 'chunk');
  if (chunk?.type !== 'chunk') throw new Error('the page did not build');
  return chunk.code;
}
