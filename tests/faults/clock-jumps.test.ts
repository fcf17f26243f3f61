import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { PROTOCOL_VERSION } from '@sotto/protocol';
import { io } from 'socket.io-client';
import * as messagePack from 'socket.io-msgpack-parser';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { dial } from '../../apps/relay/test/http/dial.ts';
import { createPerson, type Person } from '../../apps/relay/test/http/person.ts';
import { check } from './check.ts';
import { createFakeClock, type FakeClock, findFaketime } from './fake-clock.ts';
import { type Grounds, type GroundsOptions, openGrounds, type Place } from './grounds.ts';
import { type Load, startLoad, untilAcked } from './load.ts';
import { processorMs } from './processor.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;
const MINUTES = 60;
const SHAPE = { writers: 4, window: 2, readers: 2, commits: 0.01, renews: true };
const FEW_SECONDS = { timeout: 20_000, interval: 100 };
const FINISH_MS = 60_000;

let folder: string;
let library: string;
let grounds: Grounds | undefined;
let load: Load | undefined;
/** Why there is nothing to be tried. */
let missing: string | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sotto-clocks-'));
  const found = await findFaketime();
  missing = typeof found === 'string' ? found : undefined;
  if (typeof found === 'string') console.warn(`\nSKIPPED, clocks that jump: ${found}\n`);
  else library = found.path;
}, 300_000);
afterEach(async () => {
  load?.close();
  load = undefined;
  await grounds?.close();
  grounds = undefined;
  await rm(folder, { recursive: true });
}, 60_000);

describe('clocks of relays', { timeout: 180_000 }, () => {
  it('[STORE10] [AUTH5] [AUTH8] [AUTH86] [LOG29] jump by an hour and by a day, on and back: nothing is lost, people renew, and nothing spins or stops', async (test) => {
    if (missing !== undefined) return test.skip(missing);
    const clock = await createFakeClock(library, join(folder, 'clock'));
    const { town, places } = await open({ store: 'sqlite', nodes: 1, settings: clock.settings });
    const relay = places[0] as Place;
    const alice = createPerson(dial(town), 'alice');
    const bob = createPerson(dial(town), 'bob');
    for (const person of [alice, bob]) {
      expect(await person.register('a password')).toMatchObject({ username: person.username });
    }
    load = await startLoad(town, SHAPE);
    await untilAcked(load, 200);
    const { ledger } = load;
    const lastTime = () => Math.max(...ledger.told.map(({ time }) => time));

    await jump(relay, clock, HOUR);
    await expectRenewal(alice);
    await failUntilRefused(bob);
    await untilAcked(load, 200);
    expect(lastTime()).toBeGreaterThan(Date.now() + (HOUR - MINUTES) * 1000);
    await jump(relay, clock, 0);
    await expectRenewal(alice);
    // What was on its way has got its time.
    await untilAcked(load, 100);
    const latest = lastTime();
    await untilAcked(load, 100);
    await jump(relay, clock, -DAY);
    await expectRenewal(alice);
    await untilAcked(load, 200);
    expect(lastTime()).toBe(latest);
    // Whoever had to wait waits no longer for it.
    expect(await bob.logIn('a password')).toMatchObject({ state: 'signed_in' });
    // Nor does a relay whose memory is gone give earlier times.
    await relay.kill();
    await relay.start();
    await untilAcked(load, 200);
    expect(lastTime()).toBe(latest);
    await jump(relay, clock, 2 * HOUR);
    await expectRenewal(alice);
    await untilAcked(load, 100);
    expect(lastTime()).toBeGreaterThan(latest);
    await judge(load);

    await expectQuiet(relay, clock);
    await stopWhileItJumps(relay, clock);
  });

  it('[AUTH61] [AUTH86] [LOG20] [LOG27] of two nodes are minutes apart: what one takes the other brings, in one order, and people renew', async (test) => {
    if (missing !== undefined) return test.skip(missing);
    const clocks = [
      await createFakeClock(library, join(folder, 'a')),
      await createFakeClock(library, join(folder, 'b')),
    ];
    const opened = await openGrounds({
      store: 'mongodb',
      nodes: 2,
      redis: true,
      settingsOf: (place) => clocks[place]?.settings ?? {},
    });
    if (typeof opened === 'string') {
      console.warn(`\nSKIPPED, clocks of two nodes: ${opened}\n`);
      return test.skip(opened);
    }
    grounds = opened;
    const [ahead, behind] = grounds.places as [Place, Place];
    load = await startLoad(grounds.town, { ...SHAPE, writers: 3, commits: 0.02 });
    await untilAcked(load, 30);
    await jump(ahead, clocks[0] as FakeClock, 4 * MINUTES);
    await jump(behind, clocks[1] as FakeClock, -3 * MINUTES);
    await untilAcked(load, 30);
    for (const place of [ahead, behind]) {
      await place.kill();
      // Everybody comes to the other one, some with a token from the future.
      await untilAcked(load, 30);
      await place.start();
      await untilAcked(load, 30);
    }
    await judge(load);
    for (const place of [ahead, behind]) expect(await stop(place)).toBe(0);
  });
});

async function open(options: GroundsOptions): Promise<Grounds> {
  const opened = await openGrounds(options);
  if (typeof opened === 'string') throw new Error(opened);
  grounds = opened;
  return opened;
}

/** Until the relay says what time it is now. */
async function jump(place: Place, clock: FakeClock, seconds: number): Promise<void> {
  await clock.set(seconds);
  await vi.waitFor(async () => {
    const { headers } = await fetch(`${place.node()?.origin}/healthz`);
    const apart = Date.parse(headers.get('date') ?? '') / 1000 - Date.now() / 1000;
    expect(Math.abs(apart - seconds)).toBeLessThan(30);
  }, FEW_SECONDS);
}

/** A token of another time opens nothing; its session is as good as before, and gives one that does. */
async function expectRenewal(person: Person): Promise<void> {
  expect(await connect(person)).toBe('unauthorized');
  expect(await person.refresh()).toMatchObject({ username: person.username });
  expect(await connect(person)).toBe('connected');
}

async function connect({ accessToken }: Person): Promise<string | undefined> {
  const socket = io(grounds?.town.origin, {
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
    parser: messagePack,
    auth: { token: accessToken, protocol: PROTOCOL_VERSION },
  });
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  socket.once('connect', () => resolve('connected'));
  socket.once('connect_error', (error: Error & { data?: { code?: string } }) => resolve(error.data?.code));
  return promise.finally(() => socket.disconnect());
}

/** Wrong passwords, until there is a wait. */
async function failUntilRefused(person: Person): Promise<void> {
  for (let tries = 0; tries < 20; tries++) {
    const answer = await person.logIn('a wrong password');
    if ('code' in answer && answer.code === 'rate_limited') return;
  }
  throw new Error('nobody was told to wait');
}

async function judge(load: Load): Promise<void> {
  const tally = check(await load.finish(FINISH_MS));
  console.info(JSON.stringify({ ...tally, refused: Object.fromEntries(load.ledger.refusals) }));
  expect(tally).toMatchObject({ problems: [], lost: 0, doubled: 0, outOfOrder: 0 });
}

/** With nobody to serve: whichever way its clock went, a relay is idle, and its timers go on. */
async function expectQuiet(relay: Place, clock: FakeClock): Promise<void> {
  const pid = relay.node()?.pid ?? 0;
  for (const seconds of [0, HOUR, -DAY]) {
    await jump(relay, clock, seconds);
    const before = processorMs(pid);
    await pause(2000);
    const taken = processorMs(pid) - before;
    console.info(`${taken} ms of processor in two seconds, ${seconds} s from now`);
    expect(taken).toBeLessThan(700);
    // Shared for five seconds by those who ask together, then asked anew.
    expect((await fetch(`${relay.node()?.origin}/readyz`)).status).toBe(200);
  }
}

/** Connections are cut over a while by a timer, whatever the clock does meanwhile. */
async function stopWhileItJumps(relay: Place, clock: FakeClock): Promise<void> {
  const stopped = stop(relay);
  await clock.set(DAY);
  await clock.set(-DAY);
  expect(await stopped).toBe(0);
}

async function stop(place: Place): Promise<number | null | undefined> {
  const code = await place.node()?.kill('SIGTERM');
  await place.kill();
  return code;
}
