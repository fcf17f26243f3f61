import { cpSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeRun, PROTOCOL_VERSION } from '@sotto/protocol';
import { io, type Socket } from 'socket.io-client';
import * as messagePack from 'socket.io-msgpack-parser';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dial } from '../http/dial.ts';
import { createPerson, type Person } from '../http/person.ts';
import { append, createFamily, type Person as Live, subscribe } from '../realtime/live-relay.ts';
import { createMachine, type Machine } from './processes.ts';

let machine: Machine;
const sockets: Socket[] = [];
beforeEach(async () => {
  machine = await createMachine();
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.disconnect();
  await machine.close();
});

async function connect(origin: string, { accessToken }: Person) {
  const socket = io(origin, {
    transports: ['websocket'],
    reconnection: false,
    parser: messagePack,
    auth: { token: accessToken, protocol: PROTOCOL_VERSION },
  });
  sockets.push(socket);
  await new Promise((resolve, reject) =>
    socket.on('connect', () => resolve(undefined)).on('connect_error', reject),
  );
  const ask = (name: string, request: object) => socket.emitWithAck(name, toBuffers(request));
  return { ask } as unknown as Live;
}

const toBuffers = (request: object) =>
  Object.fromEntries(
    Object.entries(request).map(([key, value]) => [
      key,
      value instanceof Uint8Array ? Buffer.from(value) : value,
    ]),
  );

async function countEntries(live: Live): Promise<number> {
  const answer = await live.ask('log:read', { ...subscribe(), limit: 1000 });
  if (!answer.ok) throw new Error(answer.code);
  return decodeRun(answer.run)?.length ?? 0;
}

describe('a backup', { timeout: 90_000 }, () => {
  it('[OPER10] that was made while people write opens as the relay of that moment, and signs them in', async () => {
    const first = await machine.start();
    const alice = createPerson(dial(first), 'alice');
    await alice.register('a password');
    const live = await connect(first.origin, alice);
    await createFamily(live);
    for (let n = 1; n <= 50; n++) await live.ask('log:append', append(n));
    let writing = true;
    const writer = (async () => {
      let n = 50;
      while (writing) await live.ask('log:append', append(++n));
      return n;
    })();
    const backup = join(machine.data, '../backup');
    expect(await machine.sotto(`backup ${backup}`)).toMatchObject({ code: 0, err: '' });
    writing = false;
    const written = await writer;

    expect(statSync(backup).mode & 0o777).toBe(0o700);
    const names = ['accounts.db', 'jwt-secret', 'logs.db', 'opaque-setup', 'origin', 'relay-key'];
    expect(readdirSync(backup).sort()).toEqual(names);
    for (const name of names) expect(statSync(join(backup, name)).mode & 0o077).toBe(0);
    expect(readdirSync(machine.data).filter((name) => name.startsWith('backup'))).toEqual([]);

    const bob = createPerson(dial(first), 'bob');
    await bob.register('a password');
    await first.stop('SIGKILL');
    const restored = join(machine.data, '../restored');
    cpSync(backup, restored, { recursive: true });
    const second = await machine.start({ SOTTO_DATA_DIR: restored, PORT: new URL(first.origin).port });
    expect(second.output.err).not.toContain('another origin');
    expect(await alice.refresh()).toMatchObject({ username: 'alice' });
    expect(await alice.logIn('a password')).toMatchObject({ state: 'signed_in' });
    expect(await bob.logIn('a password')).toMatchObject({ code: 'wrong_credentials' });
    const again = await connect(second.origin, alice);
    const kept = await countEntries(again);
    expect(kept).toBeGreaterThanOrEqual(50);
    expect(kept).toBeLessThanOrEqual(written);
    expect(await again.ask('log:append', append(9999))).toMatchObject({ ok: true, seq: kept + 1 });
  });

  it('[OPER10] is made of a relay that is stopped, too, and never over what is there', async () => {
    const first = await machine.start();
    await createPerson(dial(first), 'alice').register('a password');
    await first.stop();
    const backup = join(machine.data, '../backup');
    mkdirSync(backup);
    expect(await machine.sotto(`backup ${backup}`)).toMatchObject({
      code: 1,
      err: `${backup} is there already: nothing was written\n`,
    });
    expect(readdirSync(backup)).toEqual([]);
    expect(await machine.sotto(`backup ${backup}/inside`)).toMatchObject({ code: 0 });
    const list = await machine.sotto('user list', { SOTTO_DATA_DIR: `${backup}/inside` });
    expect(list.out).toMatch(/^alice +active/);
    writeFileSync(`${backup}/inside/file`, '');
    expect(await machine.sotto(`backup ${backup}/inside/file/deep`)).toMatchObject({
      code: 1,
      err: `${backup}/inside/file/deep: a file is in the way; nothing was kept, and the relay is as it was\n`,
    });
    expect(readdirSync(machine.data).filter((name) => name.startsWith('backup-'))).toEqual([]);
    // A relay that never was leaves nothing behind either.
    const nothing = { SOTTO_DATA_DIR: join(machine.data, '../nothing') };
    expect(await machine.sotto(`backup ${backup}/other`, nothing)).toMatchObject({ code: 1 });
    expect(readdirSync(backup)).toEqual(['inside']);
  });
});
