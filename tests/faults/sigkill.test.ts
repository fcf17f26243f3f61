import { type ChildProcess, fork } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AckOf,
  decodeInboxRun,
  decodeRun,
  type Entry,
  PROTOCOL_VERSION,
  type RequestName,
} from '@sotto/protocol';
import { testToken } from '@sotto/relay/testing';
import { io, type Socket } from 'socket.io-client';
import * as messagePack from 'socket.io-msgpack-parser';
import { expect, it } from 'vitest';

/** Times the relay is killed, and acks that it may give before; how many is drawn at random. */
const KILLS = 32;
const LIFE_ACKS = 120;
const WRITERS = 8;
/** Appends that each writer has under way at once. */
const WINDOW = 4;

const LOG = randomBytes(32);
const BOB = person();
const tokenOf = (epoch: number) => createHash('sha256').update(LOG).update(String(epoch)).digest();
const hashOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest();

function person() {
  return { account: randomBytes(16), device: randomBytes(16), id: randomBytes(16) };
}

/** What a client wants in the log, until it is told where it stands. */
interface Wish {
  readonly id: Buffer;
  readonly body: Buffer;
  readonly isCommit: boolean;
  readonly epoch: number;
}

interface Told {
  readonly wish: Wish;
  readonly seq: number;
  readonly time: number;
}

it('[STORE14] a relay killed under load again and again loses, doubles and reorders nothing it acknowledged', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-sigkill-'));
  const path = join(folder, 'relay.sqlite');
  const world: World = { told: [], epoch: 0, onTold: () => {} };
  const wishes: (Wish | undefined)[] = Array.from({ length: WRITERS * WINDOW }, () => undefined);
  const nursery = createNursery(path);
  try {
    for (let life = 0; life < KILLS; life++) {
      const relay = await nursery.next();
      if (life === 0) await createLog(relay.origin);
      const { promise: struck, resolve: strike } = Promise.withResolvers<void>();
      const last = world.told.length + 1 + Math.floor(Math.random() * LIFE_ACKS);
      world.onTold = () => {
        if (world.told.length >= last) strike();
      };
      const working = work(relay.origin, world, wishes);
      await struck;
      relay.process.kill('SIGKILL');
      await once(relay.process, 'exit');
      await working;
    }
    const relay = await nursery.next();
    const { entries, items } = await readAll(relay.origin, world.epoch);
    relay.process.kill('SIGKILL');
    check(world.told, wishes, entries, items);
    console.log(`${KILLS} kills: ${world.told.length} acknowledged, ${entries.length} in the log`);
  } finally {
    nursery.close();
    rmSync(folder, { recursive: true });
  }
}, 240_000);

function check(
  told: readonly Told[],
  wishes: readonly (Wish | undefined)[],
  entries: Entry[],
  items: Buffer[],
): void {
  expect(told.length).toBeGreaterThan(1000);
  expect(entries.map((entry) => entry.seq)).toEqual(entries.map((_, n) => n + 1));
  const byId = new Map(entries.map((entry) => [hex(entry.id), entry]));
  expect(byId.size).toBe(entries.length);
  for (const { wish, seq, time } of told) {
    const entry = byId.get(hex(wish.id));
    expect(entry).toMatchObject({ seq, time, epoch: wish.epoch, kind: wish.isCommit ? 'commit' : 'message' });
    expect(Buffer.compare(entry!.body, wish.body)).toBe(0);
  }
  // What stands in the log without an ack was asked for and is still waited for: nothing comes from nowhere.
  const asked = new Set([...told.map(({ wish }) => wish), ...wishes].map((wish) => wish && hex(wish.id)));
  expect(entries.filter((entry) => !asked.has(hex(entry.id)))).toEqual([]);

  let epoch = 0;
  for (const entry of entries) {
    expect(entry.epoch).toBe(epoch);
    if (entry.kind === 'commit') epoch += 1;
  }
  expect(epoch).toBeGreaterThan(5);
  // Each commit brought one Welcome, whose body names it; no Welcome came without its commit.
  const commits = entries.filter((entry) => entry.kind === 'commit').map((entry) => hex(entry.id));
  expect(items.map((body) => hex(body))).toEqual(commits);
}

/** Gives relays on one file; the next is loading already. */
function createNursery(path: string) {
  const env = { ...process.env, NODE_COMPILE_CACHE: join(path, '../compiled') };
  const load = () => fork(new URL('./killable-relay.ts', import.meta.url), [path], { execArgv: [], env });
  const spares = [load()];
  return {
    async next(): Promise<{ process: ChildProcess; origin: string }> {
      const child = spares.shift() ?? load();
      spares.push(load());
      child.send('serve');
      const [origin] = await once(child, 'message');
      return { process: child, origin };
    },
    close() {
      for (const spare of spares) spare.kill('SIGKILL');
    },
  };
}

interface World {
  readonly told: Told[];
  epoch: number;
  onTold: () => void;
}

/** All clients at once, until the relay is gone. */
async function work(origin: string, world: World, wishes: (Wish | undefined)[]): Promise<void> {
  const sockets = await Promise.all(
    Array.from({ length: WRITERS }, () => connect(origin).catch(() => undefined)),
  );
  await Promise.all(
    wishes.map(async (_, place) => {
      const socket = sockets[place % WRITERS];
      while (socket?.connected) {
        const wish = wishes[place] ?? newWish(world.epoch);
        wishes[place] = wish;
        const answer = await send(socket, wish);
        if (answer !== undefined) wishes[place] = next(world, wish, answer);
      }
    }),
  );
  for (const socket of sockets) socket?.disconnect();
}

/** What a client does about an answer: it is done, or seals again for the epoch that is. Other bytes, so another id. */
function next(world: World, wish: Wish, answer: AckOf<'log:append'>): Wish | undefined {
  if (answer.ok) {
    world.told.push({ wish, seq: answer.seq, time: answer.time });
    world.onTold();
    if (wish.isCommit) world.epoch = Math.max(world.epoch, wish.epoch + 1);
    return undefined;
  }
  expect(answer.code).toBe('epoch_moved');
  world.epoch = Math.max(world.epoch, answer.head?.epoch ?? 0);
  return { ...newWish(wish.epoch + 1), isCommit: false };
}

function newWish(epoch: number): Wish {
  const isCommit = Math.random() < 0.01;
  return { id: randomBytes(16), body: randomBytes(200), isCommit, epoch };
}

function send(socket: Socket, { id, body, isCommit, epoch }: Wish): Promise<AckOf<'log:append'> | undefined> {
  const entry = { log: LOG, token: tokenOf(epoch), id, epoch, body };
  if (!isCommit) return ask(socket, 'log:append', entry);
  const welcomes = [{ account: BOB.account, device: BOB.device, expiryDay: today() + 30, body: id }];
  return ask(socket, 'log:commit', { ...entry, nextTokenHash: hashOf(tokenOf(epoch + 1)), welcomes });
}

async function createLog(origin: string): Promise<void> {
  const socket = await connect(origin);
  expect(await ask(socket, 'log:create', { log: LOG, tokenHash: hashOf(tokenOf(0)) })).toEqual({ ok: true });
  socket.disconnect();
}

async function readAll(origin: string, epoch: number): Promise<{ entries: Entry[]; items: Buffer[] }> {
  const socket = await connect(origin, BOB);
  const entries = await readEntries(socket, epoch);
  const items: Buffer[] = [];
  for (let after = 0, more = true; more; ) {
    const answer = await ask(socket, 'inbox:read', { after });
    if (!answer?.ok) throw new Error(answer?.code);
    const run = decodeInboxRun(answer.run)!;
    items.push(...run.map((item) => Buffer.from(item.body)));
    after = run.at(-1)?.seq ?? after;
    more = run.length > 0;
  }
  socket.disconnect();
  return { entries, items };
}

async function readEntries(socket: Socket, known: number): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (let epoch = known, more = true; more; ) {
    const after = entries.at(-1)?.seq ?? 0;
    const answer = await ask(socket, 'log:read', {
      log: LOG,
      epoch,
      token: tokenOf(epoch),
      after,
      limit: 1000,
    });
    if (!answer?.ok) throw new Error(answer?.code);
    const { run, head } = answer;
    entries.push(...decodeRun(run)!);
    more = entries.at(-1)?.seq !== head.seq || head.epoch !== epoch;
    if (entries.at(-1)?.seq === head.seq) epoch = head.epoch;
  }
  return entries;
}

async function connect(origin: string, who = person()): Promise<Socket> {
  const socket = io(origin, {
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
    parser: messagePack,
    auth: { token: testToken(who as never), protocol: PROTOCOL_VERSION },
  });
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  socket.once('connect', () => resolve(socket));
  socket.once('connect_error', reject);
  // Killed between the WebSocket and the handshake.
  socket.once('disconnect', reject);
  return promise;
}

/** Undefined when the connection goes down before the ack. */
function ask<N extends RequestName>(socket: Socket, name: N, request: object): Promise<AckOf<N> | undefined> {
  const { promise, resolve } = Promise.withResolvers<AckOf<N> | undefined>();
  const down = () => resolve(undefined);
  socket.once('disconnect', down);
  socket.emit(name, request, (answer: AckOf<N>) => {
    socket.off('disconnect', down);
    resolve(answer);
  });
  if (!socket.connected) down();
  return promise;
}

function today(): number {
  return Math.floor(Date.now() / (24 * 3600 * 1000));
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
