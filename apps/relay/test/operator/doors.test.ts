import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { decodeBase64Url } from '@sotto/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dial } from '../http/dial.ts';
import { createPerson } from '../http/person.ts';
import { createMachine, type Machine } from './processes.ts';

let machine: Machine;
beforeEach(async () => {
  machine = await createMachine();
});
afterEach(() => machine.close());

const fileOf = (name: string) => readFileSync(join(machine.data, name), 'utf8').trim();

describe('invitations', { timeout: 90_000 }, () => {
  it('[OPER6] are links that open the door so many times, and are kept as hashes', async () => {
    const { origin } = await machine.start({ SOTTO_REGISTRATION: 'invite' });
    const made = await machine.sotto('invite --uses 2 --days 3');
    expect(made.code).toBe(0);
    const [, secret = ''] = /^(?:http:\/\/localhost:\d+)\/#invite=([\w-]{43})\n$/.exec(made.out) ?? [];
    expect(made.out.startsWith(origin)).toBe(true);
    expect(made.err).toMatch(/^good for 2 accounts, until \d{4}-\d\d-\d\d \d\d:\d\d UTC\n$/);
    const invite = decodeBase64Url(secret) ?? new Uint8Array();
    const alice = createPerson(dial({ origin }), 'alice');
    expect(await alice.register('a password')).toMatchObject({ code: 'invite_invalid' });
    expect(await alice.register('a password', {}, { invite })).toMatchObject({ username: 'alice' });
    const hash = createHash('sha256').update(invite).digest();
    expect((await machine.sotto('invite list')).out).toMatch(
      new RegExp(`^${hash.toString('hex').slice(0, 8)} {2}used 1 of 2, until [^\n]+\n$`),
    );
    expect(await createPerson(dial({ origin }), 'bob').register('pw', {}, { invite })).toMatchObject({
      username: 'bob',
    });
    expect(await createPerson(dial({ origin }), 'carol').register('pw', {}, { invite })).toMatchObject({
      code: 'invite_invalid',
    });
    const files = readdirSync(machine.data).filter((name) => /\.db/.test(name));
    const disk = Buffer.concat(files.map((name) => readFileSync(join(machine.data, name))));
    expect(disk.includes(hash)).toBe(true);
    expect(disk.includes(Buffer.from(invite))).toBe(false);
    expect(disk.includes(secret)).toBe(false);
  });

  it('[OPER6] of a stopped relay lead to where it was, and it is said when nobody asks for one', async () => {
    const first = await machine.start();
    await first.stop();
    const { out, err } = await machine.sotto('invite');
    expect(out.startsWith(`${first.origin}/#invite=`)).toBe(true);
    expect(err).toContain('registration is open, so nobody needs it');
    const elsewhere = await machine.sotto('invite', {
      PUBLIC_URL: 'https://chat.example',
      SOTTO_REGISTRATION: 'closed',
    });
    expect(elsewhere.out.startsWith('https://chat.example/#invite=')).toBe(true);
    expect(elsewhere.err).toContain('registration is closed');
  });
});

describe('the secret of access tokens', { timeout: 90_000 }, () => {
  it('[OPER7] [AUTH62] is replaced at once in a relay that runs: tokens are refused, people renew', async () => {
    const first = await machine.start();
    const alice = createPerson(dial(first), 'alice');
    await alice.register('a password');
    const [token, secret] = [alice.accessToken, fileOf('jwt-secret')];
    expect(await machine.sotto('secrets rotate-jwt')).toMatchObject({ code: 0, err: '' });
    expect((await alice.call('countKeyPackages')).value).toMatchObject({ code: 'unauthorized' });
    expect(fileOf('jwt-secret')).not.toBe(secret);
    expect(await alice.refresh()).toMatchObject({ username: 'alice' });
    expect((await alice.call('countKeyPackages')).status).toBe(200);

    // And it is the one that the next start has.
    await first.stop('SIGKILL');
    await machine.start({ PORT: new URL(first.origin).port });
    expect((await alice.call('countKeyPackages')).status).toBe(200);
    alice.accessToken = token;
    expect((await alice.call('countKeyPackages')).value).toMatchObject({ code: 'unauthorized' });
  });

  it('[OPER7] is replaced on disk when none runs, and not when it comes from the environment', async () => {
    const JWT_SECRET = 'a secret that is long enough to be one';
    const first = await machine.start({ JWT_SECRET });
    const secret = fileOf('jwt-secret');
    const refused = { code: 1, out: '', err: expect.stringMatching(/^JWT_SECRET sets the secret/) };
    expect(await machine.sotto('secrets rotate-jwt')).toMatchObject(refused);
    await first.stop();
    expect(await machine.sotto('secrets rotate-jwt', { JWT_SECRET })).toMatchObject(refused);
    expect(fileOf('jwt-secret')).toBe(secret);
    expect(await machine.sotto('secrets rotate-jwt')).toMatchObject({ code: 0 });
    expect(fileOf('jwt-secret')).not.toBe(secret);
    expect(decodeBase64Url(fileOf('jwt-secret'))).toHaveLength(32);
  });
});

describe('the socket of the operator', { timeout: 90_000 }, () => {
  const say = (bytes: string | Uint8Array) =>
    new Promise<string>((resolve, reject) => {
      const socket = connect(join(machine.data, 'operator.sock'));
      let heard = '';
      socket.on('data', (chunk) => {
        heard += chunk;
      });
      socket.on('close', () => resolve(heard));
      socket.on(
        'error',
        (error: NodeJS.ErrnoException) =>
          error.code !== 'EPIPE' && error.code !== 'ECONNRESET' && reject(error),
      );
      socket.write(bytes);
    });

  it('[OPER2] answers requests of its form alone, and goes on answering', async () => {
    await machine.start();
    for (const line of [
      'hello\n',
      '{}\n',
      '[]\n',
      'null\n',
      '{"command":"constructor"}\n',
      '{"command":"__proto__"}\n',
      '{"command":"list_users"}\n',
      '{"command":"list_users","after":"","more":1}\n',
      '{"command":"disable_user","name":{"$gt":""}}\n',
      '{"command":"disable_user","name":"Alice"}\n',
      '{"command":"create_invite","uses":1e9,"days":1}\n',
      '{"command":"probe","__proto__":{"x":1}}\n',
      `{"command":"list_users","after":"${'a'.repeat(20_000)}"}\n`,
      new Uint8Array(70_000).fill(0xff),
    ]) {
      expect(await say(line)).toBe('');
    }
    expect(JSON.parse(await say('{"command":"list_users","after":""}\n'))).toEqual({
      users: [],
      more: false,
    });
    expect(JSON.parse(await say('{"command":"probe"}\nand more'))).toMatchObject({ store: 'ok' });
  });
});
