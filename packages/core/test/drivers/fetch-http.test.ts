import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeCbor, encodeCbor } from '@sotto/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { createCookieJar } from '../../src/drivers/cookie-jar.ts';
import { createFetchHttp } from '../../src/drivers/fetch-http.ts';
import { ANSWER_LIMIT } from '../../src/drivers/http-exchange.ts';
import { createMemoryHttp } from '../../src/drivers/memory-http.ts';

type Handle = (request: IncomingMessage, body: Buffer, answer: ServerResponse) => void;
const started: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of started.splice(0)) await stop();
});

async function relay(handle: Handle): Promise<string> {
  const server = createServer((request, answer) => {
    const parts: Buffer[] = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => handle(request, Buffer.concat(parts), answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  started.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const about = {
  protocol: 1,
  directory: 'exact',
  entryDays: 30,
  registration: 'open',
  mail: false,
  emailRequired: false,
};
const session = {
  accessToken: 'secret.jwt',
  expiresIn: 600,
  account: new Uint8Array(16),
  device: new Uint8Array(16),
  username: 'alice',
};
const say = (answer: ServerResponse, status: number, value: unknown) =>
  answer.writeHead(status).end(encodeCbor(value));

describe('fetch HTTP', () => {
  it('[VAULT23] builds path, query, body and token from the route', async () => {
    const seen: unknown[] = [];
    const origin = await relay((request, body, answer) => {
      const { authorization, accept } = request.headers;
      seen.push([request.method, request.url, authorization, accept, decodeCbor(body, 1000)]);
      say(answer, 200, request.url?.startsWith('/chains') ? { statements: [] } : { packages: [] });
    });
    const http = createFetchHttp({ origin });
    const account = 'ab'.repeat(16);
    const chain = await http.call('chain', { params: { account }, query: { from: 3 }, token: 't' });
    expect(chain).toEqual({ ok: true, value: { statements: [] } });
    await http.call('claimKeyPackages', { body: { account: session.account as never }, token: 't' });
    expect(seen).toEqual([
      ['GET', `/chains/${account}?from=3`, 'Bearer t', 'application/cbor', undefined],
      ['POST', '/keys/claim', 'Bearer t', 'application/cbor', { account: session.account }],
    ]);
  });

  it('[VAULT23] lets only answers of the route through', async () => {
    const answers: unknown[] = [about, { ...about, more: 1 }, { ...about, protocol: '1' }, null, 'text'];
    const origin = await relay((_request, _body, answer) => say(answer, 200, answers.shift()));
    const http = createFetchHttp({ origin });
    expect(await http.call('about', {})).toEqual({ ok: true, value: about });
    while (answers.length > 0)
      expect(await http.call('about', {})).toEqual({ ok: false, code: 'malformed_answer' });
  });

  it('[VAULT23] gives refusals of the catalogue as values', async () => {
    const limited = { ok: false, code: 'rate_limited', retryAfter: 7 };
    const answers: [number, unknown][] = [
      [429, limited],
      [400, { ok: false, code: 'made_up' }],
      [502, 'Bad Gateway'],
    ];
    const origin = await relay((_request, _body, answer) =>
      say(answer, ...(answers.shift() ?? [200, about])),
    );
    const http = createFetchHttp({ origin });
    expect(await http.call('about', {})).toEqual(limited);
    expect(await http.call('about', {})).toEqual({ ok: false, code: 'malformed_answer' });
    expect(await http.call('about', {})).toEqual({ ok: false, code: 'offline' });
  });

  it('[VAULT24] stops reading an answer longer than any may be, waits no longer than the timeout, follows nothing', async () => {
    const origin = await relay((request, _body, answer) => {
      if (request.url === '/about') answer.writeHead(200).end(Buffer.alloc(ANSWER_LIMIT + 1));
      else if (request.url?.startsWith('/users')) answer.writeHead(302, { location: '/about' }).end();
    });
    const http = createFetchHttp({ origin, timeoutMs: 300 });
    expect(await http.call('about', {})).toEqual({ ok: false, code: 'offline' });
    expect(await http.call('users', { token: 't' })).toEqual({ ok: false, code: 'offline' });
    expect(await http.call('countKeyPackages', { token: 't' })).toEqual({ ok: false, code: 'offline' });
  });

  it('[VAULT25] keeps the refresh cookie in Node, sends it to /auth/ only, and forgets it when told', async () => {
    const seen: unknown[] = [];
    const set = ['sotto=one; HttpOnly; SameSite=Strict', 'sotto=two; Path=/auth', 'sotto=; Max-Age=0'];
    const origin = await relay((request, _body, answer) => {
      seen.push([request.url, request.headers.cookie]);
      if (request.url === '/auth/refresh') answer.setHeader('set-cookie', set.shift() ?? []);
      say(answer, 200, request.url === '/about' ? about : session);
    });
    const http = createFetchHttp({ origin, cookies: createCookieJar() });
    for (let i = 0; i < 4; i++) await http.call('refresh', { body: {} });
    await http.call('about', {});
    expect(seen).toEqual([
      ['/auth/refresh', undefined],
      ['/auth/refresh', 'sotto=one'],
      ['/auth/refresh', 'sotto=two'],
      ['/auth/refresh', undefined],
      ['/about', undefined],
    ]);
  });
});

describe('memory HTTP', () => {
  it('[VAULT23] parses like the one over a network, and loses answers when it is down', async () => {
    let up = true;
    let calls = 0;
    const http = createMemoryHttp({
      origin: 'http://relay.test',
      isUp: () => up,
      call: async ({ headers }) => {
        calls += 1;
        if (calls === 3) up = false;
        return {
          status: 200,
          headers: { 'set-cookie': ['a=b'] },
          body: encodeCbor({ ...session, cookie: headers.cookie }),
        };
      },
    });
    expect(await http.call('refresh', { body: {} })).toMatchObject({ ok: true });
    expect(await http.call('refresh', { body: {} })).toEqual({ ok: false, code: 'malformed_answer' });
    expect(await http.call('refresh', { body: {} })).toEqual({ ok: false, code: 'offline' });
    expect(await http.call('refresh', { body: {} })).toEqual({ ok: false, code: 'offline' });
    expect(calls).toBe(3);
  });
});
