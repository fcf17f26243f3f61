import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROTOCOL_VERSION } from '@sotto/protocol';
import { io, type Socket } from 'socket.io-client';
import * as messagePack from 'socket.io-msgpack-parser';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { RunningRelay } from '../../src/start.ts';
import { startTestRelay } from '../../src/testing-relay.ts';
import { dial } from './dial.ts';
import { createPerson } from './person.ts';

let folder: string;
let running: RunningRelay | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sotto-running-'));
});
afterEach(async () => {
  await running?.close();
  await rm(folder, { recursive: true });
});

const connect = async (relay: RunningRelay, token: string | undefined): Promise<Socket> => {
  const socket = io(relay.origin, {
    transports: ['websocket'],
    reconnection: false,
    parser: messagePack,
    auth: { token, protocol: PROTOCOL_VERSION },
  });
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  socket.on('connect', () => resolve(socket));
  socket.on('connect_error', reject);
  return promise;
};

it('[AUTH12] over the network, alice signs in, is live, signs out, and is cut off', async () => {
  running = await startTestRelay({ dataDir: folder });
  const alice = createPerson(dial(running), 'alice');
  await alice.register('a password');
  const socket = await connect(running, alice.accessToken);
  const heard: string[] = [];
  socket.onAny((name: string) => heard.push(name));
  const cut = new Promise((resolve) => socket.on('disconnect', resolve));
  expect(await socket.emitWithAck('inbox:read', { after: 0 })).toMatchObject({ ok: true });
  await alice.logOut();
  await cut;
  expect(heard).toEqual(['session:ended']);
  await expect(connect(running, alice.accessToken)).rejects.toMatchObject({
    data: { code: 'session_ended' },
  });
});

it('[HTTP21] a relay that stops with people on it cuts them, and knows them when it comes back', async () => {
  running = await startTestRelay({ dataDir: folder });
  const port = Number(new URL(running.origin).port);
  const alice = createPerson(dial(running), 'alice');
  await alice.register('a password');
  const socket = await connect(running, alice.accessToken);
  const cut = new Promise((resolve) => socket.on('disconnect', resolve));
  // Clients that come back the moment they are cut must not keep it from stopping.
  const eager = await Promise.all(
    Array.from({ length: 5 }, () => connect(running as RunningRelay, alice.accessToken)),
  );
  for (const one of eager) one.on('disconnect', () => one.connect());
  await running.close();
  await cut;
  for (const one of eager) one.disconnect();

  running = await startTestRelay({ dataDir: folder, port });
  const again = await connect(running, alice.accessToken);
  expect(await again.emitWithAck('inbox:read', { after: 0 })).toMatchObject({ ok: true });
  again.disconnect();
  expect(await alice.refresh()).toMatchObject({ username: 'alice' });
  expect(await alice.logIn('a password')).toHaveProperty('session');
});

it('[AUTH1] [AUTH4] what stands on disk holds no password and no token', async () => {
  running = await startTestRelay({ dataDir: folder });
  const alice = createPerson(dial(running), 'alice');
  const password = 'correct horse battery staple';
  await alice.register(password);
  await alice.logIn(password);
  const files = (await readdir(folder)).filter((name) => /\.db/.test(name));
  expect(files).toContain('accounts.db');
  const disk = Buffer.concat(await Promise.all(files.map((name) => readFile(join(folder, name)))));
  expect(disk.includes('alice')).toBe(true);
  const refresh = Buffer.from(alice.cookie?.split('=')[1] ?? '', 'base64url');
  expect(refresh.length).toBe(32);
  const exportKey = Buffer.from(alice.exportKey ?? '', 'base64url');
  expect(exportKey.length).toBe(64);
  const privateKeys = [alice.identity.privateKey, alice.deviceKeys.privateKey].map((key) => Buffer.from(key));
  for (const secret of [
    Buffer.from(password),
    refresh,
    exportKey,
    Buffer.from(alice.accessToken ?? 'x'),
    ...privateKeys,
  ]) {
    expect(disk.includes(secret)).toBe(false);
  }
});
