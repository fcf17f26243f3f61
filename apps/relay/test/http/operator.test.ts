import { decodeCbor, encodeBase64Url, ROUTES } from '@sotto/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { createMemoryAccountStores } from '../../src/store/memory/account-stores.ts';
import { StoreError } from '../../src/store/store-error.ts';
import { beginSignIn, forget, proveReset, setEmail, setUpTotp } from './account-flows.ts';
import { createPerson } from './person.ts';
import { createTestRelay, type TestRelay } from './test-relay.ts';

let relay: TestRelay | undefined;
afterEach(async () => relay?.close());
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe('who runs a relay', () => {
  it('[HTTP18] finds in its log what happened, and nobody', async () => {
    relay = await createTestRelay();
    const password = 'correct horse battery staple';
    const alice = createPerson(relay, 'alice-in-the-log', { address: '198.51.100.77' });
    await alice.register(password);
    const secrets = [alice.accessToken ?? '', alice.cookie?.split('=')[1] ?? ''];
    await alice.opaqueLogin('a wrong password');
    await alice.logIn(password);
    await alice.refresh();
    secrets.push(alice.accessToken ?? '', alice.cookie?.split('=')[1] ?? '');
    const account = Buffer.from(alice.account).toString('hex');
    await alice.readChain();
    await alice.call('user', { params: account });
    await alice.call('users', { query: '?name=alice-in-the-log' });
    await alice.call('users', { query: '?name=alice-in-the-log&more=1' });
    await alice.call('claimKeyPackages', { body: { account: alice.account } });
    await relay.call('GET', '/nowhere/alice-in-the-log', { address: '198.51.100.77' });
    await relay.call('GET', '/users/%zzalice-in-the-log');
    await setEmail(
      alice,
      password,
      'alice@mail.example',
      () => relay?.mailbox.codeFor('alice@mail.example') ?? '',
    );
    const app = await setUpTotp(alice, password, relay.now);
    const { ticket } = await beginSignIn(alice, password);
    await alice.verify(ticket, { method: 'recovery_code', code: app.recoveryCodes[0] ?? '' });
    await proveReset(alice, await forget(alice), { method: 'totp', code: '123456' });
    const mailed = relay.mailbox.mails.flatMap(({ text }) => /\b\d{8}\b/.exec(text) ?? []);
    secrets.push(...mailed, app.secret, ...app.recoveryCodes, 'mail.example', encodeBase64Url(ticket));
    await alice.logOut();

    const log = relay.log.join('\n');
    expect(relay.log.length).toBeGreaterThan(12);
    expect(log).toContain('"route":"/chains/:account"');
    const device = Buffer.from(alice.device).toString('hex');
    const ids = [account, device, encodeBase64Url(alice.account), encodeBase64Url(alice.device)];
    for (const secret of [...secrets, ...ids, password, 'alice', '198.51.100', 'vault of']) {
      expect(secret.length).toBeGreaterThan(4);
      expect(log).not.toContain(secret);
    }
  });

  it('[HTTP18] a failure inside leaves its place in the log, its text nowhere', async () => {
    const stores = createMemoryAccountStores();
    const findByName = async () => {
      throw new Error('broken at alice and her token');
    };
    relay = await createTestRelay({
      accountStores: { ...stores, accounts: { ...stores.accounts, findByName } },
    });
    const reply = await createPerson(relay, 'alice').opaqueLogin('x');
    expect(reply).toEqual({ ok: false, code: 'internal' });
    expect(relay.log.join('\n')).toContain('operator.test.ts');
    expect(relay.log.join('\n')).not.toContain('her token');
  });

  it('[HTTP19] answers storage_full when its disk is, and is not ready then', async () => {
    const stores = createMemoryAccountStores();
    const full = async () => {
      throw new StoreError('storage_full');
    };
    relay = await createTestRelay({
      accountStores: { ...stores, accounts: { ...stores.accounts, create: full }, probe: full },
    });
    const alice = createPerson(relay, 'alice');
    expect(await alice.register('pw')).toEqual({ ok: false, code: 'storage_full', retryAfter: 5 });
    expect((await relay.call('GET', '/readyz')).status).toBe(503);
    expect((await relay.call('GET', '/healthz')).status).toBe(200);
  });

  it('[HTTP16] asks whether it lives and whether its store takes writes', async () => {
    relay = await createTestRelay({ store: 'sqlite' });
    expect((await relay.call('GET', '/healthz')).status).toBe(200);
    expect((await relay.call('GET', '/readyz')).status).toBe(200);
  });

  it('[HTTP17] reads every route in the OpenAPI document, from the schemas that parse them', async () => {
    relay = await createTestRelay();
    const { status, body } = await relay.call('GET', '/openapi.json');
    expect(status).toBe(200);
    const api = JSON.parse(text(body));
    expect(api.openapi).toBe('3.1.0');
    for (const [name, { method, path }] of Object.entries(ROUTES)) {
      const described = api.paths[path.replace(':account', '{account}')][method.toLowerCase()];
      expect(described).toMatchObject({ operationId: name });
    }
    const { schema } = api.paths['/auth/login'].post.requestBody.content['application/cbor'];
    expect(schema).toMatchObject({
      additionalProperties: false,
      required: ['username', 'request'],
      properties: { username: { type: 'string' }, request: { type: 'string', format: 'binary' } },
    });
    expect(api.components.schemas.Refusal.properties.code.enum).toContain('wrong_credentials');
  });
});

describe('a refusal', () => {
  it.each([
    [undefined, 'application/cbor'],
    ['*/*', 'application/cbor'],
    ['application/cbor', 'application/cbor'],
    ['application/json', 'application/json'],
    ['text/html,application/xhtml+xml,*/*;q=0.8', 'application/json'],
  ])(
    '[HTTP5] to who accepts %s comes as %s, with its status and no more than its code',
    async (accept, type) => {
      relay = await createTestRelay();
      const headers = accept === undefined ? {} : { accept };
      const { status, body, headers: got } = await relay.call('GET', '/users', { headers });
      expect(status).toBe(401);
      expect(got['content-type']).toContain(type);
      const refusal = type === 'application/json' ? JSON.parse(text(body)) : decodeCbor(body, 100);
      expect(refusal).toEqual({ ok: false, code: 'unauthorized' });
    },
  );

  it('[HTTP5] says in header and body how long to wait', async () => {
    relay = await createTestRelay({ quotas: { freeAttempts: 0 } });
    const alice = createPerson(relay, 'alice');
    for (let i = 0; i < 31; i++) relay.advance(1000);
    await alice.opaqueLogin('x');
    const refused = await alice.call('login', { body: { username: 'alice', request: new Uint8Array(32) } });
    expect(refused).toMatchObject({
      status: 429,
      value: { code: 'rate_limited', retryAfter: expect.any(Number) },
    });
  });
});

describe('the refresh cookie', () => {
  const login = async (origin: string) => {
    relay = await createTestRelay({ origin });
    const alice = createPerson(relay, 'alice');
    await alice.register('pw');
    const { headers } = await relay.call('POST', '/auth/refresh', {
      headers: { 'content-type': 'application/cbor', cookie: alice.cookie },
      body: Uint8Array.of(0xa0),
    });
    return { alice, cookie: String(headers['set-cookie']), house: relay };
  };

  it('[AUTH15] is out of reach of scripts, of other sites, and of sibling hosts', async () => {
    const { cookie } = await login('https://chat.example');
    expect(cookie).toMatch(
      /^__Host-sotto=[\w-]{43}; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Strict; Secure$/,
    );
  });

  it('[AUTH15] has a plain name on plain localhost, where browsers refuse the other', async () => {
    const { cookie } = await login('http://localhost:3000');
    expect(cookie).toMatch(/^sotto=[\w-]{43}; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Strict$/);
  });

  it('[AUTH15] counts only when there is one of it, of the right form', async () => {
    const { alice, cookie, house } = await login('http://localhost:3000');
    const good = cookie.split(';')[0] ?? '';
    const status = async (value: string) => {
      const headers = { 'content-type': 'application/cbor', cookie: value };
      return (await house.call('POST', '/auth/refresh', { headers, body: Uint8Array.of(0xa0) })).status;
    };
    for (const bad of [
      `${good}; ${good}`,
      'sotto=',
      'sotto=abc',
      `__Host-${good}`,
      `${good}A`,
      good.replace('sotto', 'Sotto'),
    ]) {
      expect(await status(bad)).toBe(401);
    }
    expect(await status(`theme=dark; ${good}`)).toBe(200);
    alice.cookie = undefined;
  });

  it('[AUTH15] goes away when its owner signs out, also of a session that a revocation ended just before', async () => {
    const { alice, house } = await login('http://localhost:3000');
    const headers = { 'content-type': 'application/cbor', authorization: `Bearer ${alice.accessToken}` };
    const leave = async () =>
      await house.call('POST', '/auth/logout', { headers, body: Uint8Array.of(0xa0) });
    for (const status of [200, 401]) {
      const left = await leave();
      expect(left.status).toBe(status);
      expect(left.headers['set-cookie']).toMatch(/^sotto=; Path=\/; Max-Age=0; /);
    }
    const other = await house.call('GET', '/keys/packages', { headers });
    expect([other.status, other.headers['set-cookie']]).toEqual([401, undefined]);
  });
});
