import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeRun, PROTOCOL_VERSION } from '@sotto/protocol';
import { createInProcessRelay, openSqliteStores } from '@sotto/relay/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createPerson, type Person } from '../../apps/relay/test/http/person.ts';
import { reach } from '../../apps/relay/test/http/reach.ts';
import { createThread, sha256 } from './thread.ts';

const HOUR = 3_600_000;
const NOON = Date.UTC(2026, 10, 1, 12);

let folder: string;
let stores: ReturnType<typeof openSqliteStores>;
let now: number;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sotto-clock-'));
  stores = openSqliteStores(folder);
  now = NOON;
});
afterEach(async () => {
  await stores.close();
  await rm(folder, { recursive: true });
});

const open = (secrets?: Awaited<ReturnType<typeof createInProcessRelay>>['secrets']) =>
  createInProcessRelay({ stores, clock: () => now, ...(secrets !== undefined && { secrets }) });
type Relay = Awaited<ReturnType<typeof open>>;

async function connect(relay: Relay, { accessToken = '' }: Person) {
  const shown = { token: accessToken, protocol: PROTOCOL_VERSION };
  return relay.connect(shown, { notice: () => {}, down: () => {} });
}

const { log, tokenOf } = createThread();
let entries = 0;
/** The time that an entry gets now. */
async function append(answer: Awaited<ReturnType<typeof connect>>): Promise<number> {
  if (!answer.ok) throw new Error(answer.code);
  entries += 1;
  const id = sha256(Buffer.from([entries])).subarray(0, 16);
  const ack = await answer.peer.request('log:append', { log, token: tokenOf(0), id, epoch: 0, body: id });
  return (ack as { time: number }).time;
}

it('[STORE10] [AUTH8] the clock jumps an hour on and back: sessions go on, and times of a log never go back', async () => {
  const relay = await open();
  const alice = createPerson(reach(relay), 'alice');
  await alice.register('a password');
  const first = await connect(relay, alice);
  if (!first.ok) throw new Error(first.code);
  await first.peer.request('log:create', { log, tokenHash: sha256(tokenOf(0)) });
  expect(await append(first)).toBe(NOON);

  now += HOUR;
  // Who is connected stays, whose token is too old renews it.
  expect(await append(first)).toBe(NOON + HOUR);
  expect(await connect(relay, alice)).toMatchObject({ ok: false, code: 'unauthorized' });
  expect(await alice.refresh()).toMatchObject({ username: 'alice' });
  expect(await append(await connect(relay, alice))).toBe(NOON + HOUR);

  now -= HOUR;
  expect(await append(first)).toBe(NOON + HOUR);
  // A token from the future is nobody's; its session is as good as before.
  expect(await connect(relay, alice)).toMatchObject({ ok: false, code: 'unauthorized' });
  expect(await alice.refresh()).toMatchObject({ username: 'alice' });
  expect(await append(await connect(relay, alice))).toBe(NOON + HOUR);
  expect(await alice.logIn('a password')).toMatchObject({ state: 'signed_in' });

  // Nor do times go back where memory is gone.
  await relay.close();
  await stores.close();
  stores = openSqliteStores(folder);
  const after = await open(relay.secrets);
  const back = await connect(after, alice);
  expect(await append(back)).toBe(NOON + HOUR);
  now += 2 * HOUR;
  expect(await append(back)).toBe(NOON + 2 * HOUR);
  if (!back.ok) throw new Error(back.code);
  const read = await back.peer.request('log:read', {
    log,
    epoch: 0,
    token: tokenOf(0),
    after: 0,
    limit: 100,
  });
  const times = (decodeRun((read as { run: Uint8Array }).run) ?? []).map(({ time }) => time);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(times).toHaveLength(entries);
  await after.close();
});
