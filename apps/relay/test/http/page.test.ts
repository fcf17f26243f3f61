import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createTestRelay, type TestRelay } from './test-relay.ts';

let folder: string;
let relay: TestRelay | undefined;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sotto-page-'));
  const page = join(folder, 'dist');
  await mkdir(join(page, 'assets'), { recursive: true });
  await writeFile(join(folder, 'secret.txt'), 'not for anybody');
  await writeFile(join(page, 'index.html'), '<!doctype html><title>Sotto</title>');
  await writeFile(join(page, 'manifest.webmanifest'), '{}');
  await writeFile(join(page, 'assets', 'index-Ab3_x9Zq.js'), 'export {};');
  await writeFile(join(page, 'assets', 'index-Ab3_x9Zq.js.br'), brotliCompressSync('export {};'));
});
afterEach(async () => relay?.close());
afterAll(() => rm(folder, { recursive: true }));

const open = async (origin = 'http://localhost:3000') => {
  relay = await createTestRelay({ origin, pageFolder: join(folder, 'dist') });
  return relay;
};
const get = (house: TestRelay, path: string, headers: Record<string, string> = {}) =>
  house.call('GET', path, { headers: { host: new URL(house.origin).host, ...headers } });

describe('the page', () => {
  it('[HTTP13] stands under a policy that lets nothing in from elsewhere', async () => {
    const { status, headers } = await get(await open(), '/');
    expect(status).toBe(200);
    const policy = String(headers['content-security-policy']);
    expect(policy).toMatch(/^default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; /);
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(policy).not.toMatch(/unsafe-inline|'unsafe-eval'|https?:|data:|blob:|\*/);
    expect(headers).toMatchObject({
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    });
    expect(headers['strict-transport-security']).toBeUndefined();
    expect(headers.server).toBeUndefined();
    expect(headers['x-powered-by']).toBeUndefined();
  });

  it('[HTTP13] tells browsers to stay on https where it is served so', async () => {
    const { headers } = await get(await open('https://chat.example'), '/');
    expect(headers['strict-transport-security']).toMatch(/^max-age=\d{8}/);
  });

  it('[HTTP13] answers of the protocol carry the same headers and are kept by no cache', async () => {
    const house = await open();
    for (const path of ['/about', '/nowhere', '/users']) {
      const { headers } = await get(house, path);
      expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
      expect(headers['content-security-policy']).toBeDefined();
    }
  });

  it('[HTTP15] files with their hash in the name stay with the browser, the rest is asked for again', async () => {
    const house = await open();
    const cacheOf = async (path: string) => (await get(house, path)).headers['cache-control'];
    expect(await cacheOf('/assets/index-Ab3_x9Zq.js')).toBe('public, max-age=31536000, immutable');
    expect(await cacheOf('/')).toBe('no-cache');
    expect(await cacheOf('/index.html')).toBe('no-cache');
    expect(await cacheOf('/manifest.webmanifest')).toBe('no-cache');
  });

  it('[HTTP15] what was compressed at build time travels so', async () => {
    const house = await open();
    const path = '/assets/index-Ab3_x9Zq.js';
    const packed = await get(house, path, { 'accept-encoding': 'gzip, br' });
    expect(packed.headers['content-encoding']).toBe('br');
    expect(packed.headers['content-type']).toMatch(/javascript/);
    const plain = await get(house, path);
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(new TextDecoder().decode(plain.body)).toBe('export {};');
  });

  it.each([
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/..%5c..%5csecret.txt',
    '/assets/',
    '/.env',
  ])('[HTTP15] %s leads to no file', async (path) => {
    const { status } = await get(await open(), path, { accept: 'text/html' });
    expect([400, 403, 404]).toContain(status);
  });

  it('[HTTP14] under another host name it sends the browser to its own, since the password is bound to it', async () => {
    const house = await open();
    for (const host of ['127.0.0.1:3000', 'localhost:9', 'evil.example']) {
      const { status, headers } = await get(house, '/?x=1', { host });
      expect([status, headers.location]).toEqual([307, 'http://localhost:3000/']);
    }
    expect((await get(house, '/healthz', { host: '127.0.0.1:3000' })).status).toBe(200);
  });
});
