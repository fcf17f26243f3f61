import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Config, readConfig } from '../../src/config.ts';
import { judgeSpace } from '../../src/operator/doctor/data-folder.ts';
import { examineDoors } from '../../src/operator/doctor/doors.ts';
import { examineRedis } from '../../src/operator/doctor/services.ts';
import { startMailServer } from '../mail/mail-server.ts';
import { startRedis } from '../store/redis/server.ts';
import { createMachine, type Machine } from './processes.ts';

const redis = await startRedis();
if (typeof redis === 'string') console.warn(`Tests of Redis are skipped: ${redis}.`);
afterAll(async () => {
  if (typeof redis !== 'string') await redis.stop();
});

/** Each line of what the doctor says, by what it is about. */
function read({ out }: { out: string }): Record<string, { state: string; says: string }> {
  const lines = out.trim().split('\n');
  return Object.fromEntries(
    lines.map((line) => {
      const [, state = '', about = '', says = ''] = /^(ok|warning|wrong) +([^:]+): (.+)$/.exec(line) ?? [];
      return [about, { state, says }];
    }),
  );
}

// Each looks at a relay of its own, with processes of their own: on a busy machine they take their time.
describe('the doctor', { timeout: 90_000 }, () => {
  let machine: Machine;
  beforeEach(async () => {
    machine = await createMachine();
  });
  afterEach(() => machine.close());

  it('[OPER8] finds a relay that runs well, asks it about its store, and one that is stopped', async () => {
    const relay = await machine.start();
    const port = new URL(relay.origin).port;
    const page = { PORT: port };
    const first = await machine.sotto('doctor', page);
    const found = read(first);
    expect(found).toMatchObject({
      settings: { state: 'ok' },
      relay: { state: 'ok', says: `runs at ${relay.origin}` },
      'data folder': { state: 'ok' },
      secrets: { state: 'ok', says: 'whole, for their owner alone' },
      store: { state: 'ok', says: 'takes writes' },
      address: { state: 'ok' },
      passwords: { state: 'ok' },
      registration: { state: 'ok' },
      mail: { state: 'warning' },
      clock: { state: 'ok' },
    });
    // Whether the page was built is not for this test to say.
    expect(first.code).toBe(found.page?.state === 'wrong' ? 1 : 0);
    await relay.stop();
    expect(read(await machine.sotto('doctor', page))).toMatchObject({
      relay: { says: 'none runs on this data folder' },
      store: { state: 'ok', says: 'takes writes' },
    });
  });

  it('[OPER8] tells a relay that was never started from one that lost its secrets', async () => {
    expect(read(await machine.sotto('doctor'))).toMatchObject({
      'data folder': { state: 'warning', says: expect.stringContaining('is not there yet') },
      store: { state: 'ok', says: 'made at the first start' },
    });
    await (await machine.start()).stop();
    rmSync(join(machine.data, 'opaque-setup'));
    writeFileSync(join(machine.data, 'relay-key'), 'AAAA\n');
    chmodSync(join(machine.data, 'jwt-secret'), 0o644);
    chmodSync(machine.data, 0o755);
    const { code, out } = await machine.sotto('doctor');
    expect(code).toBe(1);
    expect(read({ out })).toMatchObject({
      'data folder': { state: 'warning', says: expect.stringContaining('chmod 700') },
      'secret opaque-setup': { state: 'wrong', says: expect.stringContaining('from a backup') },
      'secret relay-key': { state: 'wrong', says: expect.stringContaining('is damaged') },
      'secret jwt-secret': { state: 'wrong', says: expect.stringContaining('chmod 600') },
    });
    expect(statSync(join(machine.data, 'jwt-secret')).mode & 0o777).toBe(0o644);
  });

  it('[OPER8] names an address, a proxy, a door and a clock that are not right', async () => {
    await (await machine.start()).stop();
    const later = Date.now() / 1000 + 3600;
    utimesSync(join(machine.data, 'accounts.db'), later, later);
    const { code, out } = await machine.sotto('doctor', { PUBLIC_URL: 'https://chat.example' });
    expect(code).toBe(1);
    expect(read({ out })).toMatchObject({
      address: { state: 'ok', says: 'https://chat.example' },
      passwords: {
        state: 'wrong',
        says: expect.stringMatching(/made for http:\/\/localhost:\d+ .*PUBLIC_URL=http/),
      },
      proxy: { state: 'warning', says: expect.stringContaining('SOTTO_TRUSTED_PROXIES') },
      registration: { state: 'warning', says: expect.stringContaining('SOTTO_REGISTRATION=invite') },
      clock: { state: 'wrong', says: expect.stringContaining('NTP') },
    });
  });

  it('[OPER8] a bad setting is said as the start says it, and a database that is away by its name alone', async () => {
    expect(await machine.sotto('doctor', { OTP_TTL_SECONDS: '7' })).toMatchObject({
      code: 1,
      out: expect.stringMatching(/^wrong +settings: OTP_TTL_SECONDS: [^\n]+\n$/),
    });
    const { code, out, err } = await machine.sotto('doctor', {
      MONGO_URI: 'mongodb://relay:a-password@127.0.0.1:1/sotto',
      REDIS_URL: 'redis://relay:a-password@127.0.0.1:1',
      MAIL_SERVER: '127.0.0.1',
      MAIL_PORT: '1',
      MAIL_USERNAME: 'relay',
      MAIL_PASSWORD: 'a-password',
    });
    expect(code).toBe(1);
    expect(read({ out })).toMatchObject({
      'store (MongoDB)': { state: 'wrong', says: expect.stringContaining('MONGO_URI') },
      Redis: { state: 'wrong', says: expect.stringContaining('REDIS_URL') },
      mail: { state: 'wrong', says: expect.stringContaining('MAIL_SERVER and MAIL_PORT') },
    });
    expect(out + err).not.toContain('a-password');
  });

  it('[OPER8] signs in to the mail server as the relay does, and says what the matter is', async () => {
    const account = { user: 'relay', password: 'right' };
    const server = await startMailServer({ account });
    const ca = join(machine.data, '..', 'ca.pem');
    writeFileSync(ca, server.ca);
    const settings = {
      MAIL_SERVER: 'localhost',
      MAIL_PORT: String(server.port),
      MAIL_USERNAME: 'relay',
      MAIL_PASSWORD: 'right',
    };
    const ask = async (changes: Record<string, string>) =>
      read(await machine.sotto('doctor', { ...settings, ...changes })).mail;
    expect(await ask({ NODE_EXTRA_CA_CERTS: ca })).toEqual({
      state: 'ok',
      says: `localhost:${server.port} takes mail from sotto@localhost`,
    });
    expect(await ask({})).toMatchObject({ state: 'wrong', says: expect.stringContaining('certificate') });
    expect(await ask({ NODE_EXTRA_CA_CERTS: ca, MAIL_PASSWORD: 'wrong-one' })).toEqual({
      state: 'wrong',
      says: 'the server refuses the sign-in (535). Mend MAIL_USERNAME and MAIL_PASSWORD',
    });
    expect(server.received).toEqual([]);
    await server.close();
  });
});

describe('what the doctor looks at', () => {
  const of = (settings: Record<string, string>): Config => readConfig(settings);
  const folder = mkdtempSync(join(tmpdir(), 'sotto-page-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const look = (settings: Record<string, string>, pageFolder = folder) => {
    const config = of(settings);
    const origin = config.publicUrl ?? 'http://localhost:3000';
    const findings = examineDoors(config, { origin, boundTo: undefined, pageFolder });
    return Object.fromEntries(findings.map(({ about, state }) => [about, state]));
  };

  it.each([
    [{ HOST: '0.0.0.0' }, { address: 'wrong', registration: 'warning' }],
    [{ HOST: '::' }, { address: 'wrong' }],
    [{ HOST: 'localhost' }, { address: 'ok', registration: 'ok' }],
    [
      { HOST: '0.0.0.0', PUBLIC_URL: 'https://a.example' },
      { address: 'ok', proxy: 'warning' },
    ],
    [{ PUBLIC_URL: 'https://a.example', SOTTO_TRUSTED_PROXIES: '10.0.0.1' }, { proxy: 'ok' }],
    [{ PUBLIC_URL: 'https://a.example', SOTTO_REGISTRATION: 'invite' }, { registration: 'ok' }],
    [{ PUBLIC_URL: 'https://a.example', SOTTO_REGISTRATIONS_PER_HOUR: '0' }, { registration: 'ok' }],
    [
      { PUBLIC_URL: 'https://a.example', SOTTO_REQUIRE_EMAIL: '1', MAIL_SERVER: 'mail.example' },
      { registration: 'ok' },
    ],
  ])('[OPER8] %j: %j', (settings, states) => {
    expect(look(settings)).toMatchObject(states);
  });

  it('[OPER8] a page that was built, and one that was not', () => {
    expect(look({})).toMatchObject({ page: 'wrong' });
    const built = join(folder, 'built');
    mkdirSync(built);
    writeFileSync(join(built, 'index.html'), '<!doctype html>');
    expect(look({}, built)).toMatchObject({ page: 'ok' });
  });

  it('[OPER8] how much fits on the disk', () => {
    const MIB = 1024 * 1024;
    expect([100, 300, 3000].map((mib) => judgeSpace(mib * MIB).state)).toEqual(['wrong', 'warning', 'ok']);
  });

  it.skipIf(typeof redis === 'string')('[OPER8] what Redis forgets, and what time it has', async () => {
    const url = typeof redis === 'string' ? '' : redis.url;
    const config = of({ REDIS_URL: url });
    expect(await examineRedis(config, Date.now)).toMatchObject([{ state: 'ok' }]);
    const { connectRedis } = await import('../../src/store/redis/connection.ts');
    const client = await connectRedis(url);
    await client.configSet({ maxmemory: '50000000', 'maxmemory-policy': 'allkeys-lru' });
    client.destroy();
    expect(await examineRedis(config, () => Date.now() + 60_000)).toMatchObject([
      { state: 'warning', says: expect.stringContaining('allkeys-lru') },
      { state: 'warning', about: 'clock' },
    ]);
  });

  it('[OPER8] a database that others may use, without a way to hear of them', async () => {
    const config = of({ MONGO_URI: 'mongodb://db/sotto' });
    expect(await examineRedis(config, Date.now)).toMatchObject([{ state: 'warning', about: 'Redis' }]);
    expect(await examineRedis(of({}), Date.now)).toEqual([]);
  });
});
