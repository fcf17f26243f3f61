// Runs the workload in headless Chromium: the page is bundled, and served from loopback, where WebCrypto is available.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { CHROMIUM_FLAGS, ensureChromium } from '../../tools/chromium.ts';
import { bundle } from '../bundle.ts';
import type { Row } from './workload.ts';

export async function measureInChromium(): Promise<Row[]> {
  const script = await bundle(join(import.meta.dirname, 'page.ts'));
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
