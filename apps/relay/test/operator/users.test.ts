import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { PROTOCOL_VERSION } from '@sotto/protocol';
import { io, type Socket } from 'socket.io-client';
import * as messagePack from 'socket.io-msgpack-parser';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dial } from '../http/dial.ts';
import { createPerson, type Person } from '../http/person.ts';
import { createMachine, type Machine } from './processes.ts';

let machine: Machine;
beforeEach(async () => {
  machine = await createMachine();
});
afterEach(() => machine.close());

async function connect(person: Person, origin: string): Promise<{ down: Promise<unknown> }> {
  const socket: Socket = io(origin, {
    transports: ['websocket'],
    reconnection: false,
    parser: messagePack,
    auth: { token: person.accessToken, protocol: PROTOCOL_VERSION },
  });
  const down = new Promise((resolve) => socket.on('disconnect', resolve));
  await new Promise((resolve, reject) =>
    socket.on('connect', () => resolve(undefined)).on('connect_error', reject),
  );
  return { down };
}

async function signUp(origin: string, name: string): Promise<Person> {
  const person = createPerson(dial({ origin }), name);
  expect(await person.register('a password')).toMatchObject({ username: name });
  return person;
}

describe('the operator of a relay that runs', { timeout: 90_000 }, () => {
  it('[OPER1] [OPER3] [OPER4] sees who is there, disables one at once, and enables again', async () => {
    const { origin } = await machine.start();
    const [alice, bob] = [await signUp(origin, 'alice'), await signUp(origin, 'bob')];
    expect(statSync(join(machine.data, 'operator.sock')).mode & 0o777).toBe(0o600);
    const { down } = await connect(alice, origin);

    const list = await machine.sotto('user list');
    expect(list).toMatchObject({ code: 0, err: '' });
    expect(list.out.split('\n').map((line) => line.replaceAll(/ +/g, ' '))).toEqual([
      'alice active 1 device, 1 session',
      'bob active 1 device, 1 session',
      '',
    ]);

    expect(await machine.sotto('user disable alice')).toMatchObject({
      code: 0,
      out: 'alice is disabled; all sessions were ended\n',
    });
    await down;
    expect((await alice.call('countKeyPackages')).value).toMatchObject({ code: 'session_ended' });
    expect(await alice.refresh()).toMatchObject({ code: 'session_ended' });
    expect(await alice.logIn('a password')).toMatchObject({ code: 'account_disabled' });
    // Her contacts still verify what she was.
    expect(await bob.readChain(alice.account)).toHaveLength(1);
    expect((await machine.sotto('user list')).out).toMatch(/^alice +disabled 1 device, 0 sessions$/m);

    expect(await machine.sotto('user enable alice')).toMatchObject({ code: 0 });
    expect(await alice.logIn('a password')).toMatchObject({ state: 'signed_in' });
  });

  it('[OPER5] deletes an account for good when the name was typed again', async () => {
    const { origin } = await machine.start();
    const [alice, bob] = [await signUp(origin, 'alice'), await signUp(origin, 'bob')];
    for (const typed of [undefined, 'bob\n', '\n']) {
      const refused = await machine.sotto('user delete alice', {}, typed);
      expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('nothing was deleted') });
    }
    const { down } = await connect(alice, origin);
    const deleted = await machine.sotto('user delete alice', {}, 'alice\n');
    expect(deleted.out).toContain('alice is deleted');
    expect(deleted.code).toBe(0);
    await down;
    expect(await alice.logIn('a password')).toMatchObject({ code: 'wrong_credentials' });
    expect(await createPerson(dial({ origin }), 'alice').register('another')).toMatchObject({
      code: 'username_taken',
    });
    expect(await bob.readChain(alice.account)).toHaveLength(1);
    expect((await machine.sotto('user list')).out).not.toContain('alice');
    expect(await machine.sotto('user delete bob --yes')).toMatchObject({ code: 0 });
    expect(await bob.refresh()).toMatchObject({ code: 'session_ended' });
  });

  it('[OPER1] leaves no socket behind, and takes the place of one that a killed relay left', async () => {
    const socket = join(machine.data, 'operator.sock');
    const first = await machine.start();
    await first.stop('SIGKILL');
    expect(existsSync(socket)).toBe(true);
    const second = await machine.start();
    expect(await machine.sotto('user list')).toMatchObject({ code: 0, out: '' });
    expect(await second.stop()).toMatchObject({ code: 0 });
    expect(existsSync(socket)).toBe(false);
  });
});

describe('the operator of a relay that is stopped', { timeout: 90_000 }, () => {
  it('[OPER1] [OPER4] does the same on its data', async () => {
    const first = await machine.start();
    const alice = await signUp(first.origin, 'alice');
    const port = new URL(first.origin).port;
    await first.stop('SIGKILL');
    expect((await machine.sotto('user list')).out).toMatch(/^alice +active {3}1 device, 1 session$/m);
    expect(await machine.sotto('user disable alice')).toMatchObject({ code: 0, err: '' });
    await machine.start({ PORT: port });
    expect(await alice.refresh()).toMatchObject({ code: 'session_ended' });
    expect(await alice.logIn('a password')).toMatchObject({ code: 'account_disabled' });
  });

  it('[OPER1] is told when there is nothing, in one line, and makes nothing', async () => {
    expect(await machine.sotto('user list')).toEqual({
      code: 1,
      out: '',
      err: 'SOTTO_DATA_DIR: no relay was ever started in that folder\n',
    });
    expect(existsSync(machine.data)).toBe(false);
    expect(await machine.sotto('user list', { SOTTO_STORE: 'memory' })).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^SOTTO_STORE: [^\n]+\n$/),
    });
    expect(await machine.sotto('user list', { PORT: 'x' })).toMatchObject({
      code: 1,
      err: 'PORT: expected a port from 0 to 65535\n',
    });
  });
});
