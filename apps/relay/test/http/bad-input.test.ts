import { ERRORS, type ErrorCode, encodeCbor, LIMITS, ROUTES, type RouteName } from '@sotto/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPerson, type Person } from './person.ts';
import { createTestRelay, type TestRelay } from './test-relay.ts';

let relay: TestRelay;
let alice: Person;
beforeAll(async () => {
  relay = await createTestRelay({ quotas: { lookupsPerMinute: 1e6, writesPerHour: 1e6, freeAttempts: 1e6 } });
  alice = createPerson(relay, 'alice');
  await alice.register('a password');
});
afterAll(() => relay.close());

const ticket = new Uint8Array(16);
const confirmation = ticket;
const bytes = new Uint8Array(16).fill(1);
/** An element of the group (RFC 9496 §A.1): one that is none would be a bad request by itself. */
const request = Buffer.from('e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76', 'hex');
/** OPAQUE's KE1: blinded element, nonce, key share (RFC 9807 §6.1). */
const loginRequest = Buffer.concat([request, new Uint8Array(32), request]);
const record = new Uint8Array(192);
const work = '{}';
const vault = { bytes, after: 0 };
const proof = { method: 'totp', code: '123456' };
/** A body of the right form for every route that takes one. */
const BODIES: Partial<Record<RouteName, Record<string, unknown>>> = {
  registerEmail: { email: 'bob@example.org', work },
  registerEmailVerify: { ticket, code: '12345678' },
  register: { username: 'bob', request, work },
  registerFinish: { ticket, record, account: bytes, device: bytes, statement: bytes, vault: bytes },
  login: { username: 'bob', request: loginRequest },
  loginFinish: { ticket, finish: new Uint8Array(64), device: bytes },
  loginCode: { ticket },
  loginVerify: { ticket, proof },
  refresh: {},
  logout: {},
  forgotPassword: { username: 'bob', work },
  resetPassword: { ticket, proof },
  resetPasswordRecord: { ticket, request },
  resetPasswordChain: { ticket },
  resetPasswordFinish: { ticket, record, vault, device: bytes },
  confirm: { request: loginRequest },
  confirmFinish: { ticket, finish: new Uint8Array(64) },
  changePassword: { confirmation, request },
  changePasswordFinish: { ticket, record, vault },
  putVault: { confirmation, vault },
  setEmail: { confirmation, email: 'bob@example.org' },
  setEmailVerify: { ticket, code: '12345678' },
  removeEmail: { confirmation },
  setMailFactor: { confirmation, on: true },
  startTotp: { confirmation },
  finishTotp: { ticket, code: '123456' },
  removeTotp: { confirmation },
  renewRecoveryCodes: { confirmation },
  startPasskey: { confirmation },
  finishPasskey: { ticket, response: '{}' },
  removePasskey: { confirmation, id: bytes },
  endSessions: {},
  setLabel: { label: bytes },
  deleteAccount: { confirmation, statement: bytes },
  appendStatement: { statement: bytes },
  publishKeyPackages: { oneTime: [bytes] },
  claimKeyPackages: { account: bytes },
};

it('[HTTP1] every route that takes a body is among them', () => {
  const posts = (Object.keys(ROUTES) as RouteName[]).filter((name) => ROUTES[name].method === 'POST');
  expect(Object.keys(BODIES).sort()).toEqual(posts.sort());
});

type Send = { body: Uint8Array | string; type?: string };

/** Ways to spoil a good body. Each gives what a stranger sends. */
const SPOILED: Record<string, (good: Record<string, unknown>) => Send> = {
  'a field of another type': (good) => ({
    body: encodeCbor({ ...Object.fromEntries(Object.keys(good).map((name) => [name, 7])), more: 1 }),
  }),
  'a text in the place of bytes': (good) => ({
    body: encodeCbor({
      ...Object.fromEntries(
        Object.entries(good).map(([name, v]) => [name, v instanceof Uint8Array ? 'aa' : v]),
      ),
      more: 1,
    }),
  }),
  'an unknown field': (good) => ({ body: encodeCbor({ ...good, admin: true }) }),
  'an operator of a database in each field': (good) => ({
    body: encodeCbor({
      ...Object.fromEntries(Object.keys(good).map((name) => [name, { $gt: '' }])),
      more: 1,
    }),
  }),
  'a prototype in each field': (good) => ({
    body: encodeCbor({
      ...Object.fromEntries(Object.keys(good).map((name) => [name, { constructor: { prototype: good } }])),
      more: 1,
    }),
  }),
  'a list of it': (good) => ({ body: encodeCbor([good]) }),
  'its bytes cut': (good) => ({ body: encodeCbor({ ...good, filler: bytes }).subarray(0, -1) }),
  'a byte behind it': (good) => ({ body: Buffer.concat([encodeCbor(good), Uint8Array.of(0)]) }),
  garbage: () => ({ body: crypto.getRandomValues(new Uint8Array(200)).fill(0xff, 0, 8) }),
  'nothing at all': () => ({ body: new Uint8Array(0) }),
  'ten thousand nested lists': () => ({ body: new Uint8Array(10_000).fill(0x81) }),
  'a list that claims to be endless': () => ({
    body: Uint8Array.of(0x9b, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0),
  }),
  'a key __proto__': (good) => ({
    body: Buffer.concat([
      Uint8Array.of(0xa1, 0x69),
      Buffer.from('__proto__'),
      encodeCbor({ ...good, admin: true }),
    ]),
  }),
  'a key constructor': (good) => ({
    body: encodeCbor({ ...good, constructor: { prototype: { admin: true } } }),
  }),
  'JSON instead': (good) => ({ body: JSON.stringify(good), type: 'application/json' }),
  'a form instead': () => ({ body: 'username=alice', type: 'application/x-www-form-urlencoded' }),
  'CBOR that calls itself a text': (good) => ({ body: encodeCbor(good), type: 'text/plain' }),
  'CBOR with a parameter': (good) => ({ body: encodeCbor(good), type: 'application/cbor; charset=utf-8' }),
  'ten megabytes': () => ({ body: new Uint8Array(10 * 1024 * 1024) }),
};

const routes = Object.entries(BODIES) as [RouteName, Record<string, unknown>][];
const table = routes.flatMap(([name, good]) =>
  Object.entries(SPOILED).map(([spoil, make]) => ({ name, spoil, send: make(good) })),
);

/** In the place of one field, every other one as it should be. */
const HOSTILE: Record<string, unknown> = {
  'an operator': { $gt: '' },
  'a list of operators': [{ $ne: null }],
  'code for a database': { $where: 'sleep(1000)' },
  'a prototype': JSON.parse('{"__proto__": {"admin": true}, "constructor": {"prototype": {"admin": true}}}'),
};
const fields = routes.flatMap(([name, good]) => Object.keys(good).map((field) => ({ name, field, good })));

describe('what no route takes', () => {
  it.each(table)('[HTTP1] $name refuses $spoil', async ({ name, send }) => {
    const { method, path } = ROUTES[name];
    const { status, body, headers } = await relay.call(method, path.replace(':account', hex(alice.account)), {
      headers: {
        'content-type': send.type ?? 'application/cbor',
        accept: 'application/json',
        authorization: `Bearer ${alice.accessToken}`,
        cookie: alice.cookie ?? '',
      },
      body: send.body,
    });
    const refusal = JSON.parse(new TextDecoder().decode(body)) as { ok: boolean; code: ErrorCode };
    expect(Object.keys(refusal)).toEqual(['ok', 'code']);
    expect(ERRORS[refusal.code].status).toBe(status);
    expect(['bad_request', 'too_large', 'unsupported_media_type']).toContain(refusal.code);
    expect(headers['content-type']).toMatch(/^application\/json/);
  });

  it.each(fields)('[HTTP1] $name refuses operators and prototypes as its $field alone', async (row) => {
    const params = hex(alice.account);
    for (const [trick, value] of Object.entries(HOSTILE)) {
      const { status, value: refusal } = await alice.call(row.name, {
        params,
        body: { ...row.good, [row.field]: value },
      });
      expect([trick, status, refusal]).toEqual([trick, 400, { ok: false, code: 'bad_request' }]);
    }
  });

  it.each(routes)('[HTTP1] %s refuses a key __proto__ beside all that it wants', async (name, good) => {
    const reaching = Object.defineProperty({ ...good }, '__proto__', {
      value: { admin: true },
      enumerable: true,
    });
    const { status, value } = await alice.call(name, { params: hex(alice.account), body: reaching });
    expect([status, value]).toEqual([400, { ok: false, code: 'bad_request' }]);
  });

  it('[HTTP1] after all of it alice is still signed in, and nothing of it was believed', async () => {
    expect(await alice.refresh()).toMatchObject({ username: 'alice' });
    expect((await alice.call('countKeyPackages')).value).toEqual({ left: 0, lastResort: false });
    expect(await alice.readChain()).toHaveLength(1);
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  it('[HTTP1] and each of those bodies is none the worse without it: refused for what it says, not for its form', async () => {
    const bob = createPerson(relay, 'bob');
    await bob.register('a password');
    for (const [name, good] of routes.filter(([, body]) => Object.keys(body).length > 0)) {
      const { value } = await bob.call(name, { params: hex(bob.account), body: good });
      expect([name, 'code' in value ? value.code : 'done']).not.toEqual([name, 'bad_request']);
    }
  });

  it.each([
    ['users', '?name=Alice'],
    ['users', '?name=al'],
    ['users', '?name=alice&name=bob'],
    ['users', '?name[]=alice'],
    ['users', '?name=alice&admin=1'],
    ['users', '?__proto__=1'],
    ['users', `?name=${'a'.repeat(5000)}`],
    ['chain', '?from=-1'],
    ['chain', '?from=1.5'],
    ['chain', '?from=x'],
    ['chain', '?from=9007199254740992'],
    ['countKeyPackages', '?device=1'],
  ] as const)('[HTTP1] %s refuses the query %s', async (name, query) => {
    const { status, value } = await alice.call(name, { params: hex(alice.account), query });
    expect({ status, value }).toEqual({ status: 400, value: { ok: false, code: 'bad_request' } });
  });

  it.each([
    '',
    'zz'.repeat(16),
    'aa'.repeat(15),
    'AA'.repeat(16),
    '..%2f'.repeat(4),
    '%00'.repeat(16),
    'aa'.repeat(200),
  ])('[HTTP1] the path /chains/%s leads nowhere', async (account) => {
    const { status } = await relay.call('GET', `/chains/${account}`, {
      headers: { authorization: `Bearer ${alice.accessToken}`, accept: 'application/json' },
    });
    expect([400, 404]).toContain(status);
  });

  it('[HTTP1] a URL that does not decode is a bad request, not a stack', async () => {
    const { status, body } = await relay.call('GET', '/users/%zz', {
      headers: { accept: 'application/json' },
    });
    expect([status, JSON.parse(new TextDecoder().decode(body))]).toEqual([
      400,
      { ok: false, code: 'bad_request' },
    ]);
  });
});

describe('sizes and senders', () => {
  it('[HTTP2] a body is capped by its route before it is decoded', async () => {
    const headers = { 'content-type': 'application/cbor', accept: 'application/json' };
    const send = async (path: string, size: number, token?: string) => {
      const { status } = await relay.call('POST', path, {
        headers: { ...headers, authorization: `Bearer ${token}` },
        body: new Uint8Array(size),
      });
      return status;
    };
    expect(await send('/auth/login', 16 * 1024)).toBe(400);
    expect(await send('/auth/login', 16 * 1024 + 1)).toBe(413);
    expect(await send('/keys/packages', LIMITS.httpBody, alice.accessToken)).toBe(400);
    expect(await send('/keys/packages', LIMITS.httpBody + 1, alice.accessToken)).toBe(413);
  });

  it('[HTTP3] who is not signed in is told so before the body is looked at', async () => {
    const { status } = await relay.call('POST', '/keys/packages', {
      headers: { 'content-type': 'application/cbor' },
      body: new Uint8Array(10 * 1024 * 1024),
    });
    expect(status).toBe(401);
  });

  it.each(['https://evil.example', 'null', 'http://localhost:3001', 'http://localhost:3000.evil.example'])(
    '[HTTP4] a request that a page of %s makes is refused, cookie or not',
    async (origin) => {
      const before = alice.cookie;
      const { status, headers } = await relay.call('POST', '/auth/refresh', {
        headers: { origin, 'content-type': 'application/cbor', cookie: before },
        body: encodeCbor({}),
      });
      expect(status).toBe(403);
      expect(headers['set-cookie']).toBeUndefined();
      expect(headers['access-control-allow-origin']).toBeUndefined();
      expect(await alice.refresh()).toMatchObject({ username: 'alice' });
    },
  );

  it('[HTTP4] our own page may', async () => {
    const { status } = await relay.call('GET', '/about', { headers: { origin: relay.origin } });
    expect(status).toBe(200);
  });
});

function hex(data: Uint8Array): string {
  return Buffer.from(data).toString('hex');
}
