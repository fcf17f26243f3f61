import { once } from 'node:events';
import { PROTOCOL_VERSION } from '@sotto/protocol';
import { io } from 'socket.io-client';
import * as messagePack from 'socket.io-msgpack-parser';
import { expect, it, vi } from 'vitest';
import { drainConnections } from '../../src/realtime/drain.ts';
import { createUnheardHints } from '../../src/realtime/hints.ts';
import { createMemoryLogs } from '../../src/store/memory/logs.ts';
import { startLiveRelay, testToken } from '../../src/testing.ts';
import { ALICE, append, FAMILY, openHouse, sha256, subscribe, tokenOf } from './live-relay.ts';

it('[LOG29] a relay that stops answers what it has taken, and then cuts', async () => {
  const stores = createMemoryLogs();
  const { promise: written, resolve: write } = Promise.withResolvers<void>();
  const { promise: taken, resolve: take } = Promise.withResolvers<void>();
  const logs: typeof stores.logs = {
    ...stores.logs,
    async appendMessage(request) {
      take();
      await written;
      return stores.logs.appendMessage(request);
    },
  };
  await logs.createLog({ log: FAMILY as never, tokenHash: sha256(tokenOf(0)) as never, entryDays: 30 });
  const relay = await startLiveRelay({ shared: { ...stores, logs, hints: createUnheardHints() } });
  const alice = io(relay.origin, {
    transports: ['websocket'],
    reconnection: false,
    parser: messagePack,
    auth: { token: testToken(ALICE), protocol: PROTOCOL_VERSION },
  });
  await once(alice as never, 'connect');
  const happened: unknown[] = [];
  const gone = new Promise((resolve) => alice.on('disconnect', resolve)).then(() => happened.push('cut'));
  const buffers = Object.entries(append(1)).map(([key, field]) => [
    key,
    field instanceof Uint8Array ? Buffer.from(field) : field,
  ]);
  alice.emit('log:append', Object.fromEntries(buffers), (answer: unknown) => happened.push(answer));
  await taken;
  const closing = relay.close();
  const late = alice.emitWithAck('inbox:read', { after: 0 });
  expect(await late).toEqual({ ok: false, code: 'unavailable' });
  write();
  await Promise.all([closing, gone]);
  expect(happened).toEqual([{ ok: true, seq: 1, time: expect.any(Number) }, 'cut']);
});

it('[LOG29] cuts connections one after the other, and all of them within seconds', async () => {
  const cuts: number[] = [];
  const finished = {
    connection: { finish: async () => {} } as never,
    cut: () => cuts.push(performance.now()),
  };
  await drainConnections(Array.from({ length: 300 }, () => finished));
  expect(cuts).toHaveLength(300);
  expect((cuts.at(-1) ?? 0) - (cuts[0] ?? 0)).toBeGreaterThan(200);
  const many = performance.now();
  await drainConnections(Array.from({ length: 50_000 }, () => finished));
  expect(performance.now() - many).toBeLessThan(6000);
});

it('[LOG28] a relay that is alone asks its store for nothing that nobody asked for', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'setTimeout'] });
  const house = openHouse();
  const person = await house.connect(ALICE);
  await person.ask('log:create', { log: FAMILY, tokenHash: sha256(tokenOf(0)) });
  await person.ask('log:subscribe', subscribe());
  await person.ask('log:append', append(1));
  await person.ask('inbox:read', { after: 0 });
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});
