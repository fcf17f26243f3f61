import { encodeCbor, ROUTES } from '@sotto/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { createPerson, type Person } from './person.ts';
import { createTestRelay, type TestRelay } from './test-relay.ts';

const CBOR = 'application/cbor';
let house: TestRelay;
let alice: Person;
afterEach(() => house.close());
const open = async (origin?: string) => {
  house = await createTestRelay(origin === undefined ? {} : { origin });
  alice = createPerson(house, 'alice');
  await alice.register('a password');
};
const tokenOf = (cookie: string | undefined) => cookie?.split('=')[1] ?? '';
const isSignedIn = async () => expect(await alice.refresh()).toMatchObject({ username: 'alice' });

describe('what renews a session', () => {
  const renew = async (headers: Record<string, string>, url = '/auth/refresh', body: object = {}) =>
    (await house.call('POST', url, { headers: { 'content-type': CBOR, ...headers }, body: encodeCbor(body) }))
      .status;

  it('[AUTH15] is the cookie alone: its token in a header, an address or a body renews nothing', async () => {
    await open();
    const token = tokenOf(alice.cookie);
    for (const headers of [
      { authorization: `Bearer ${token}` },
      { authorization: `Basic ${btoa(`sotto:${token}`)}` },
      { 'x-cookie': `sotto=${token}` },
      { cookie2: `sotto=${token}` },
    ])
      expect(await renew(headers)).toBe(401);
    expect(await renew({}, `/auth/refresh?sotto=${token}`)).toBe(400);
    expect(await renew({}, '/auth/refresh', { sotto: token })).toBe(400);
    await isSignedIn();
  });

  it('[AUTH15] renews and does nothing else: no other route takes it for a sign-in', async () => {
    await open();
    const closed = Object.values(ROUTES).filter(({ auth }) => auth === 'token');
    expect(closed.length).toBeGreaterThan(20);
    for (const { method, path } of closed) {
      const headers = { 'content-type': CBOR, cookie: alice.cookie };
      const body = method === 'POST' ? encodeCbor({}) : undefined;
      const { status } = await house.call(method, path.replace(':account', '00'.repeat(16)), {
        headers,
        body,
      });
      expect([path, status]).toEqual([path, 401]);
    }
    await isSignedIn();
  });

  it('[AUTH15] cannot be planted by a neighbour: over https a cookie without __Host- is none', async () => {
    await open('https://chat.example');
    const token = tokenOf(alice.cookie);
    for (const cookie of [
      `sotto=${token}`,
      `__host-sotto=${token}`,
      `__Secure-sotto=${token}`,
      `sotto==__Host-sotto=${token}`,
      `__Host-sotto=${'A'.repeat(43)}; __Host-sotto=${token}`,
      `__Host-sotto="${token}"`,
      `__Host-sotto=${token}%00`,
    ])
      expect([cookie, await renew({ cookie })]).toEqual([cookie, 401]);
    await isSignedIn();
  });
});

describe('a page elsewhere that the browser sends with the cookie', () => {
  it('[HTTP4] can change nothing by a link: no GET does what a POST does', async () => {
    await open();
    for (const { method, path } of Object.values(ROUTES)) {
      if (method !== 'POST' || Object.values(ROUTES).some((r) => r.path === path && r.method === 'GET'))
        continue;
      for (const override of ['x-http-method-override', 'x-http-method', 'x-method-override']) {
        const headers = { cookie: alice.cookie, [override]: 'POST', 'content-type': CBOR };
        const url = path.replace(':account', '00'.repeat(16));
        const { status } = await house.call('GET', `${url}?_method=POST`, { headers });
        expect([path, status]).toEqual([path, 404]);
      }
    }
    await isSignedIn();
  });

  it('[HTTP4] nor by a form: the types that a form may send are refused, and the session goes on', async () => {
    await open();
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])
      for (const origin of [undefined, 'null', 'https://evil.example']) {
        const headers = { 'content-type': type, cookie: alice.cookie, origin };
        const answer = await house.call('POST', '/auth/refresh', { headers, body: encodeCbor({}) });
        expect([403, 415]).toContain(answer.status);
        expect(answer.headers['set-cookie']).toBeUndefined();
      }
    await isSignedIn();
  });

  it('[HTTP4] nor by calling itself ours in another header than Origin', async () => {
    await open();
    const headers = {
      'content-type': CBOR,
      cookie: alice.cookie,
      origin: 'https://evil.example',
      'x-forwarded-host': 'localhost:3000',
      'x-forwarded-proto': 'http',
      host: 'localhost:3000',
      referer: `${house.origin}/`,
    };
    const answer = await house.call('POST', '/auth/refresh', { headers, body: encodeCbor({}) });
    expect([answer.status, answer.headers['set-cookie']]).toEqual([403, undefined]);
    await isSignedIn();
  });
});

it('[AUTH5] a header that names another address makes nobody a stranger who may guess anew', async () => {
  await open();
  const guess = (i: number) =>
    house.call('POST', '/auth/login', {
      headers: {
        'content-type': CBOR,
        'x-forwarded-for': `198.51.100.${i}`,
        'x-real-ip': `198.51.100.${i}`,
        forwarded: `for=198.51.100.${i}`,
        'client-ip': `198.51.100.${i}`,
      },
      body: encodeCbor({ username: 'alice', request: new Uint8Array(32).fill(0xe2) }),
    });
  const waits = [];
  for (let i = 0; i < 6; i++) waits.push((await guess(i)).status === 429);
  expect(waits).toEqual([false, false, false, false, false, true]);
});
