import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ConfigError, readConfig, SETTINGS } from '../../src/config.ts';

it('[HTTP20] without a word said, a relay listens on this machine and keeps what it needs in ./data', () => {
  expect(readConfig({})).toEqual({
    host: '127.0.0.1',
    port: 3000,
    publicUrl: undefined,
    dataDir: './data',
    store: 'sqlite',
    jwtSecret: undefined,
    directory: 'exact',
    registrationsPerHour: 30,
    registration: 'open',
    requireEmail: false,
    mail: undefined,
    codeSeconds: 300,
    redisUrl: undefined,
    trustedProxies: [],
    log: { level: 'info', format: 'json' },
    metricsToken: undefined,
  });
});

it('[HTTP20] every setting stands in the README, and no other', () => {
  const readme = readFileSync(new URL('../../../../README.md', import.meta.url), 'utf8');
  const rows = readme.split('\n').filter((line) => /^\| `[A-Z]/.test(line));
  const named = rows.flatMap((row) => (row.split('|')[1] ?? '').match(/[A-Z][A-Z_]+/g) ?? []);
  expect(named.sort()).toEqual([...SETTINGS].sort());
});

it('[HTTP20] reads every setting', () => {
  const secret = 'x'.repeat(32);
  expect(
    readConfig({
      HOST: '::',
      PORT: '0',
      PUBLIC_URL: 'https://chat.example/',
      SOTTO_DATA_DIR: '/srv/sotto',
      SOTTO_STORE: 'memory',
      SOTTO_DIRECTORY: 'open',
      SOTTO_REGISTRATIONS_PER_HOUR: '7',
      SOTTO_REGISTRATION: 'invite',
      SOTTO_REQUIRE_EMAIL: '1',
      MAIL_SERVER: 'mail.example',
      MAIL_PORT: '465',
      MAIL_USERNAME: 'relay',
      MAIL_PASSWORD: 'a mail password',
      MAIL_FROM: 'sotto@chat.example',
      OTP_TTL_SECONDS: '60',
      REDIS_URL: 'rediss://relay:a-password@cache.example:6380/2',
      SOTTO_TRUSTED_PROXIES: '10.0.0.1,fd00::/8',
      SOTTO_LOG: 'pretty:silent',
      SOTTO_METRICS_TOKEN: 'a-token-of-the-operator',
      JWT_SECRET: secret,
    }),
  ).toEqual({
    host: '::',
    port: 0,
    publicUrl: 'https://chat.example',
    dataDir: '/srv/sotto',
    store: 'memory',
    jwtSecret: new TextEncoder().encode(secret),
    directory: 'open',
    registrationsPerHour: 7,
    registration: 'invite',
    requireEmail: true,
    mail: {
      server: 'mail.example',
      port: 465,
      username: 'relay',
      password: 'a mail password',
      from: 'sotto@chat.example',
    },
    codeSeconds: 60,
    redisUrl: 'rediss://relay:a-password@cache.example:6380/2',
    trustedProxies: ['10.0.0.1', 'fd00::/8'],
    log: { level: 'silent', format: 'pretty' },
    metricsToken: 'a-token-of-the-operator',
  });
});

it.each(['http://localhost:8080', 'http://127.0.0.1', 'https://chat.example:8443'])(
  '[HTTP20] %s can be a public address',
  (url) => {
    expect(readConfig({ PUBLIC_URL: url }).publicUrl).toBe(url);
  },
);

it.each([
  ['PORT', '65536'],
  ['PORT', '-1'],
  ['PORT', '80a'],
  ['PORT', '1e3'],
  ['PUBLIC_URL', 'chat.example'],
  ['PUBLIC_URL', 'http://chat.example'],
  ['PUBLIC_URL', 'https://chat.example/sotto'],
  ['PUBLIC_URL', 'https://user@chat.example'],
  ['PUBLIC_URL', 'https://CHAT.example'],
  ['PUBLIC_URL', 'ftp://localhost'],
  ['SOTTO_STORE', 'redis'],
  ['SOTTO_DIRECTORY', 'closed'],
  ['SOTTO_REGISTRATIONS_PER_HOUR', 'many'],
  ['SOTTO_TRUSTED_PROXIES', 'all, of them'],
  ['SOTTO_LOG', 'verbose'],
  ['SOTTO_LOG', 'json:'],
  ['SOTTO_LOG', 'info:pretty'],
  ['SOTTO_LOG', 'json:info:info'],
  ['SOTTO_METRICS_TOKEN', 'fifteen-letters'],
  ['SOTTO_METRICS_TOKEN', 'a token with spaces in it'],
  ['SOTTO_DATA_DIRECTORY', './data'],
  ['JWT_SECRET', 'a-secret-that-is-far-too-short'],
  ['MONGO_URI', 'http://db'],
  ['MONGO_URI', 'mongodb:///sotto'],
  ['REDIS_URL', 'http://cache'],
  ['REDIS_URL', 'cache:6379'],
  ['REDIS_URL', 'redis:///2'],
  ['REDIS_URL', 'redis://cache:port'],
  ['MAIL_SERVER', 'smtp://mail.example'],
  ['MAIL_SERVER', 'mail.example:587'],
  ['MAIL_SERVER', 'mail.example\r\nx'],
  ['MAIL_PORT', '0'],
  ['MAIL_PORT', '65536'],
  ['MAIL_USERNAME', 'relay\r\nAUTH'],
  ['MAIL_PASSWORD', 'pass\nword'],
  ['MAIL_FROM', 'Sotto <sotto@chat.example>'],
  ['MAIL_FROM', 'sotto@chat.example\r\nBcc: eve@evil.example'],
  ['OTP_TTL_SECONDS', '59'],
  ['OTP_TTL_SECONDS', '3601'],
  ['OTP_TTL_SECONDS', '5m'],
  ['SOTTO_REGISTRATION', 'public'],
  ['SOTTO_REQUIRE_EMAIL', 'yes'],
])('[HTTP20] %s=%s stops the start with one line that names it, and quotes nothing', (name, value) => {
  const error = catchError(() => readConfig({ [name]: value }));
  expect(error).toBeInstanceOf(ConfigError);
  expect(error).toMatchObject({ variable: name });
  expect(String(error)).toMatch(new RegExp(`^ConfigError: ${name}: [^\n]+$`));
  expect(String(error)).not.toContain(value);
});

it('[HTTP20] an empty setting is an unset one', () => {
  const empty = {
    PORT: '',
    JWT_SECRET: '',
    MONGO_URI: '',
    MAIL_SERVER: '',
    MAIL_PASSWORD: '',
    REDIS_URL: '',
  };
  expect(readConfig({ ...empty, SOTTO_LOG: '', SOTTO_REQUIRE_EMAIL: '' })).toEqual(readConfig({}));
});

it('[HTTP20] no new accounts in an hour is the same as a closed door', () => {
  const closed = { SOTTO_REGISTRATIONS_PER_HOUR: '0', SOTTO_REGISTRATION: 'invite' };
  expect(readConfig(closed)).toMatchObject({ registration: 'closed', registrationsPerHour: 0 });
});

it.each([
  [{ MAIL_SERVER: 'console' }, { server: 'console' }],
  [{ MAIL_SERVER: 'localhost' }, { server: 'localhost', port: 587 }],
  [
    { MAIL_SERVER: '::1', MAIL_PORT: '25' },
    { server: '::1', port: 25 },
  ],
])('[MAIL5] %j sends mail', (settings, mail) => {
  expect(readConfig(settings)).toMatchObject({ mail });
});

it.each([
  [{ MAIL_PASSWORD: 'secret-word' }, 'MAIL_SERVER'],
  [{ MAIL_USERNAME: 'relay' }, 'MAIL_SERVER'],
  [{ MAIL_FROM: 'sotto@chat.example' }, 'MAIL_SERVER'],
  [{ MAIL_SERVER: 'mail.example', MAIL_USERNAME: 'relay' }, 'MAIL_PASSWORD'],
  [{ MAIL_SERVER: 'mail.example', MAIL_PASSWORD: 'secret-word' }, 'MAIL_USERNAME'],
  [{ SOTTO_REQUIRE_EMAIL: '1' }, 'SOTTO_REQUIRE_EMAIL'],
])('[HTTP20] %j leaves out what it needs: the start stops and names %s', (settings, variable) => {
  const error = catchError(() => readConfig(settings));
  expect(error).toMatchObject({ variable });
  expect(String(error)).not.toContain('secret-word');
});

it('[HTTP20] MONGO_URI chooses the store, and no other may be chosen beside it', () => {
  const mongoUri = 'mongodb+srv://relay:a-password@db.example/sotto?w=1';
  expect(readConfig({ MONGO_URI: mongoUri })).toMatchObject({ store: 'mongodb', mongoUri });
  const error = catchError(() => readConfig({ MONGO_URI: mongoUri, SOTTO_STORE: 'sqlite' }));
  expect(error).toMatchObject({ variable: 'SOTTO_STORE' });
  expect(String(error)).not.toContain('a-password');
});

function catchError(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('expected an error');
}
