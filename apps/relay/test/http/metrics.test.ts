import { readFileSync } from 'node:fs';
import { encodeBase64Url, PROTOCOL_VERSION } from '@sotto/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { prettify, readLogChoice } from '../../src/open-log.ts';
import {
  append,
  createFamily,
  FAMILY,
  type Person as LivePerson,
  settled,
  subscribe,
} from '../realtime/live-relay.ts';
import { createPerson } from './person.ts';
import { createTestRelay, type TestRelay, type TestRelayOptions } from './test-relay.ts';

let relay: TestRelay;
afterEach(async () => relay?.close());

const HERE = { address: '127.0.0.1', headers: { host: 'localhost:3000' } };
const TOKEN = 'a-token-of-the-operator';
const open = async (options: TestRelayOptions = {}) => {
  relay = await createTestRelay(options);
};
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
async function readMetrics(): Promise<string> {
  const { status, body, headers } = await relay.call('GET', '/metrics', HERE);
  expect([status, headers['content-type']]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
  return text(body);
}
/** The value of one line. */
const countOf = (metrics: string, line: string) =>
  Number(
    metrics
      .split('\n')
      .find((one) => one.startsWith(`${line} `))
      ?.slice(line.length + 1),
  );

async function goLive(name: string): Promise<LivePerson> {
  const person = createPerson(relay, name);
  await person.register('a password');
  const shown = { token: person.accessToken ?? '', protocol: PROTOCOL_VERSION };
  const answer = await relay.connect(shown, { notice() {}, down() {} });
  if (!answer.ok) throw new Error(answer.code);
  return { ask: (name: string, request: unknown) => answer.peer.request(name, request) } as never;
}

describe('who may read the metrics', () => {
  it('[SEE1] is this machine', async () => {
    await open();
    expect(await readMetrics()).toContain('sotto_connections 0');
    for (const address of ['::1', '::ffff:127.0.0.1', '127.8.9.1']) {
      expect((await relay.call('GET', '/metrics', { ...HERE, address })).status).toBe(200);
    }
  });

  it.each([
    ['elsewhere', { address: '203.0.113.7' }],
    ['a proxy here', { ...HERE, headers: { host: 'localhost', 'x-forwarded-for': '203.0.113.7' } }],
    ['a proxy here that says so', { ...HERE, headers: { host: 'localhost', via: '1.1 caddy' } }],
    ['a name that was pointed here', { ...HERE, headers: { host: 'chat.example' } }],
    ['elsewhere, with a word', { headers: { authorization: `Bearer ${TOKEN}` } }],
  ])('[SEE1] is not who comes from %s: there is no such page', async (_, request) => {
    await open();
    const nowhere = await relay.call('GET', '/nothing', request);
    const answer = await relay.call('GET', '/metrics', request);
    expect([answer.status, text(answer.body)]).toEqual([404, text(nowhere.body)]);
  });

  it('[SEE1] is who shows the token of the operator', async () => {
    await open({ metricsToken: TOKEN });
    const show = async (authorization: string) =>
      (await relay.call('GET', '/metrics', { headers: { authorization } })).status;
    expect(await show(`Bearer ${TOKEN}`)).toBe(200);
    for (const wrong of [
      `Bearer ${TOKEN}x`,
      `Bearer ${TOKEN.slice(1)}`,
      TOKEN,
      `Basic ${TOKEN}`,
      'Bearer ',
    ]) {
      expect(await show(wrong)).toBe(404);
    }
  });
});

describe('the metrics', () => {
  it('[SEE2] count what people do', async () => {
    await open();
    const [alice, bob] = [await goLive('alice'), await goLive('bob')];
    await createFamily(alice);
    await bob.ask('log:subscribe', subscribe());
    await Promise.all([1, 2, 3].map((n) => alice.ask('log:append', append(n))));
    await alice.ask('log:append', append(3));
    await alice.ask('log:append', append(4, 7));
    await settled();
    const carol = createPerson(relay, 'carol');
    await carol.register('her password');
    await carol.logIn('her password');
    const started = await carol.opaqueLogin('her password');
    if ('code' in started) throw new Error(started.code);
    const finish = started.finish.map((byte) => byte ^ 1);
    await carol.call('loginFinish', { body: { ticket: started.ticket, finish, device: carol.device } });
    const metrics = await readMetrics();
    for (const [line, value] of [
      ['sotto_connections', 2],
      ['sotto_hears_nodes', 1],
      ['sotto_appends_total{kind="message"}', 3],
      ['sotto_batch_entries_sum', 3],
      ['sotto_batch_entries_count', 1],
      ['sotto_frames_total', 1],
      ['sotto_deliveries_total', 1],
      ['sotto_delivery_lag_seconds_count', 1],
      ['sotto_store_seconds_count{operation="message"}', 5],
      ['sotto_refusals_total{via="socket",code="token_refused"}', 1],
      ['sotto_refusals_total{via="http",code="wrong_credentials"}', 1],
      ['sotto_sign_ins_total{outcome="signed_in"}', 1],
      ['sotto_sign_ins_total{outcome="wrong_credentials"}', 1],
      ['sotto_http_seconds_count{route="/auth/register/finish",status="2xx"}', 3],
      ['sotto_entries_read_total', 0],
    ] as const) {
      expect([line, countOf(metrics, line)]).toEqual([line, value]);
    }
    expect(countOf(metrics, 'process_resident_memory_bytes')).toBeGreaterThan(10e6);
    expect(countOf(metrics, 'sotto_mails_queued_total')).toBeGreaterThanOrEqual(0);
  });

  it('[SEE3] name nobody: no account, log, address, name or path that a client chose', async () => {
    await open();
    const alice = createPerson(relay, 'alice-in-the-metrics', { address: '198.51.100.77' });
    await alice.register('a password');
    await alice.opaqueLogin('another');
    const account = Buffer.from(alice.account).toString('hex');
    await alice.call('user', { params: account });
    await alice.call('users', { query: '?name=alice-in-the-metrics' });
    await relay.call('GET', '/nowhere/alice-in-the-metrics', { address: '198.51.100.77' });
    await relay.call('GET', '/__proto__');
    const bob = await goLive('bob-in-the-metrics');
    await createFamily(bob);
    await bob.ask('log:append', append(1));
    await bob.ask('alice-in-the-metrics' as never, {});
    const metrics = await readMetrics();
    const labels = metrics.match(/\{[^}]*\}/g) ?? [];
    expect(labels.length).toBeGreaterThan(20);
    for (const secret of [
      account,
      encodeBase64Url(alice.account),
      Buffer.from(FAMILY).toString('hex'),
      '198.51.100',
      'in-the-metrics',
      'nowhere',
    ]) {
      expect(metrics).not.toContain(secret);
    }
    // As many lines for a thousand people as for one: nothing a client sends makes a new one.
    const lines = (await readMetrics()).split('\n').length;
    for (let n = 0; n < 20; n++) await relay.call('GET', `/nowhere/${n}`);
    expect((await readMetrics()).split('\n')).toHaveLength(lines);
  });

  it('[SEE4] are those of the dashboard, each of them', async () => {
    await open();
    const exported = [...(await readMetrics()).matchAll(/^# TYPE (\w+) /gm)].map((match) => match[1]);
    const file = readFileSync(new URL('../../../../deploy/grafana-dashboard.json', import.meta.url), 'utf8');
    const { panels, templating, schemaVersion, title } = JSON.parse(file) as Dashboard;
    expect([title, schemaVersion]).toEqual(['Sotto relays', 39]);
    const shown = panels.flatMap(({ targets }) =>
      targets.flatMap(({ expr }) => expr.match(/\b(sotto|process)_\w+/g)),
    );
    const names = shown.map((name) => name?.replace(/_(bucket|sum|count)$/, ''));
    expect([...new Set(names)].sort()).toEqual(exported.sort());
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const variables = templating.list.map(({ name }) => name);
    const used = new Set([...file.matchAll(/\$\{?(?!__)(\w+)/g)].map((match) => match[1]));
    expect([...used].sort()).toEqual(variables.sort());
    for (const { gridPos: at, datasource } of panels) {
      expect(at.x + at.w).toBeLessThanOrEqual(24);
      expect(datasource.type).toBe('prometheus');
    }
  });
});

interface Dashboard {
  readonly title: string;
  readonly schemaVersion: number;
  readonly templating: { readonly list: readonly { readonly name: string }[] };
  readonly panels: readonly {
    readonly id: number;
    readonly gridPos: { readonly x: number; readonly w: number };
    readonly datasource: { readonly type: string };
    readonly targets: readonly { readonly expr: string }[];
  }[];
}

describe('the log', () => {
  it('[SEE5] has for each request the id that its answer shows, which is not the client’s to choose', async () => {
    await open();
    const answer = await relay.call('GET', '/auth/challenge', {
      headers: { 'x-request-id': 'mine', 'request-id': 'mine' },
    });
    const other = await relay.call('GET', '/nowhere');
    const ids = [answer, other].map(({ headers }) => headers['x-request-id']);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(ids[0]).not.toBe(ids[1]);
    const logged = relay.log.map((line) => JSON.parse(line) as { event: string; request?: string });
    expect(logged.filter(({ event }) => event === 'answered').map(({ request }) => request)).toEqual(ids);
  });

  it('[SEE6] is chosen by level, by form, or both', () => {
    expect(readLogChoice('warn')).toEqual({ level: 'warn', format: 'json' });
    expect(readLogChoice('json')).toEqual({ level: 'info', format: 'json' });
    expect(readLogChoice('pretty')).toEqual({ level: 'info', format: 'pretty' });
    expect(readLogChoice('pretty:debug')).toEqual({ level: 'debug', format: 'pretty' });
    for (const wrong of ['', 'loud', 'pretty:', 'warn:pretty', 'json:warn:warn', ':info']) {
      expect(readLogChoice(wrong)).toBeUndefined();
    }
  });

  it('[SEE6] reads well when it is pretty, on one line whatever a value holds', () => {
    const line = JSON.stringify({
      level: 40,
      time: Date.UTC(2026, 0, 1, 12, 30, 5, 120),
      request: 'ab-12',
      status: 200,
      code: 'a\nforged line',
      msg: 'answered',
    });
    expect(prettify(line)).toBe(
      '12:30:05.120 WARN  answered  request=ab-12 status=200 code="a\\nforged line"',
    );
  });
});
