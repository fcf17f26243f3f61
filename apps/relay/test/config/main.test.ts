import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dial } from '../http/dial.ts';
import { createPerson } from '../http/person.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
let folder: string;
let running: ChildProcess[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sotto-main-'));
});
afterEach(async () => {
  for (const child of running) child.kill('SIGKILL');
  running = [];
  await rm(folder, { recursive: true });
});

/** The real process, as `npm start` runs it. */
function start(environment: Record<string, string>) {
  const child = spawn(process.execPath, [MAIN], {
    env: { PATH: process.env.PATH, SOTTO_DATA_DIR: join(folder, 'data'), PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.push(child);
  const output = { out: '', err: '' };
  child.stdout.on('data', (data) => {
    output.out += data;
  });
  child.stderr.on('data', (data) => {
    output.err += data;
  });
  const ended = once(child, 'close').then(([code]) => ({ code, ...output }));
  const address = async (): Promise<string> => {
    for (;;) {
      const found = /Sotto is at (\S+)\n/.exec(output.out)?.[1];
      if (found !== undefined) return found;
      if (child.exitCode !== null) throw new Error(output.err);
      await once(child.stdout, 'data');
    }
  };
  return { child, ended, address };
}

describe('the process', () => {
  it('[HTTP21] says where it is, serves, stops when told, and comes back on the same data', async () => {
    const first = start({});
    const response = await fetch(`${await first.address()}/about`);
    expect(response.headers.get('content-type')).toBe('application/cbor');
    first.child.kill('SIGTERM');
    const end = await first.ended;
    expect(end).toMatchObject({ code: 0 });
    expect(end.out).toMatch(/^Sotto is at http:\/\/localhost:\d+\n$/);
    for (const line of end.err.trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('time');

    const second = start({});
    expect((await fetch(`${await second.address()}/readyz`)).status).toBe(200);
    second.child.kill('SIGINT');
    const secondEnd = await second.ended;
    expect(secondEnd.code).toBe(0);
    // Another free port is another origin: passwords are bound to the first.
    expect(end.err).not.toContain('another origin');
    expect(secondEnd.err).toContain('passwords made for another origin do not open here');
  });

  it('[AUTH2] an account that was acknowledged is there after a kill, and its password opens it', async () => {
    const first = start({});
    const origin = await first.address();
    const alice = createPerson(dial({ origin }), 'alice');
    expect(await alice.register('a password')).toMatchObject({ username: 'alice' });
    first.child.kill('SIGKILL');
    await first.ended;
    const second = start({ PORT: new URL(origin).port });
    expect(await second.address()).toBe(origin);
    expect((await alice.call('countKeyPackages')).status).toBe(200);
    expect(await alice.refresh()).toMatchObject({ username: 'alice' });
    expect(await alice.logIn('a password')).toHaveProperty('vault');
  });

  it('[HTTP25] loads no driver of what it was not given, and that of what it was', async () => {
    const noting = `import { registerHooks } from 'node:module';
      registerHooks({ load(url, context, next) { process.stderr.write('loads ' + url + '\\n'); return next(url, context); } });`;
    const NODE_OPTIONS = `--import data:text/javascript,${encodeURIComponent(noting)}`;
    const listLoaded = async (environment: Record<string, string>) => {
      const { child, address, ended } = start({ NODE_OPTIONS, ...environment });
      await address();
      child.kill('SIGTERM');
      const { err } = await ended;
      const drivers = ['fastify', 'mongodb', '@redis/client', 'nodemailer', '@simplewebauthn/server', 'ajv'];
      return drivers.filter((name) => err.includes(`/node_modules/${name}/`));
    };
    expect(await listLoaded({})).toEqual(['fastify']);
    expect(await listLoaded({ MAIL_SERVER: '127.0.0.1', MAIL_PORT: '2525' })).toEqual([
      'fastify',
      'nodemailer',
    ]);
  });

  it('[HTTP20] a bad setting ends it with one line', async () => {
    const { ended } = start({ SOTTO_REQUIRE_EMAIL: '1' });
    expect(await ended).toEqual({
      code: 1,
      out: '',
      err: 'SOTTO_REQUIRE_EMAIL: there is no mail server to prove addresses with: set MAIL_SERVER\n',
    });
  });

  it('[HTTP20] a Redis that is not there is said in one line, without its address', async () => {
    const { ended } = start({ SOTTO_STORE: 'memory', REDIS_URL: 'redis://relay:a-password@127.0.0.1:1' });
    expect(await ended).toEqual({
      code: 1,
      out: '',
      err: 'REDIS_URL: no server answers there, or it refuses the password\n',
    });
  });

  it('[HTTP20] a database that is not there is said in one line, without its address', async () => {
    const { ended } = start({ MONGO_URI: 'mongodb://relay:a-password@127.0.0.1:1/sotto' });
    expect(await ended).toEqual({ code: 1, out: '', err: 'MONGO_URI: no primary answers there\n' });
  });

  it('[HTTP20] a data folder that another relay uses is said in one line', async () => {
    await start({}).address();
    const { ended } = start({});
    expect(await ended).toEqual({
      code: 1,
      out: '',
      err: 'SOTTO_DATA_DIR: another relay uses this folder\n',
    });
  });

  it('[HTTP20] a port that is taken is said in one line', async () => {
    const first = start({ SOTTO_STORE: 'memory' });
    const { port } = new URL(await first.address());
    const { ended } = start({ SOTTO_STORE: 'memory', PORT: port });
    expect(await ended).toMatchObject({ code: 1, err: expect.stringMatching(/^PORT: [^\n]+\n$/) });
  });
});
