import { LIMITS, type LogId, REQUESTS, type RequestName } from '@sotto/protocol';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { createFanOut } from '../../src/realtime/fan-out.ts';
import { isAppend } from '../../src/realtime/parse-request.ts';
import { createSubscriptions } from '../../src/realtime/subscriptions.ts';
import { createMemoryCounters } from '../../src/store/memory/counters.ts';
import { createMemoryLogs } from '../../src/store/memory/logs.ts';
import { StoreError } from '../../src/store/store-error.ts';
import {
  ALICE,
  append,
  BOB,
  CAROL,
  commit,
  createFamily,
  entryId,
  FAMILY,
  filled,
  NOON,
  openHouse,
  type Person,
  seqsOf,
  session,
  settled,
  sha256,
  subscribe,
  tokenOf,
  welcomeFor,
} from './live-relay.ts';

let house: ReturnType<typeof openHouse>;
let alice: Person;
let bob: Person;

beforeEach(async () => {
  house = openHouse();
  alice = await house.connect(ALICE);
  bob = await house.connect(BOB);
  await createFamily(alice);
});

const GOOD: Record<RequestName, Record<string, unknown>> = {
  'log:create': { log: filled(32, 2), tokenHash: sha256(tokenOf(0)) },
  'log:append': append(1),
  'log:commit': commit(1, 0),
  'log:read': { ...subscribe(), limit: 10 },
  'log:subscribe': subscribe(),
  'log:unsubscribe': { log: FAMILY },
  'inbox:append': welcomeFor(BOB),
  'inbox:read': { after: 0 },
  'inbox:trim': { upTo: 0 },
};

describe('requests', () => {
  const names = Object.keys(REQUESTS) as RequestName[];

  it.each(names)('[LOG1] takes %s in its shape and in no other', async (name) => {
    const good = GOOD[name];
    const first = Object.keys(good)[0] as string;
    const bad: unknown[] = [
      undefined,
      null,
      [],
      'text',
      7,
      {},
      [good],
      { ...good, more: 1 },
      { ...good, __proto__: { more: 1 }, constructor: 1 },
      { ...good, [first]: undefined },
      { ...good, [first]: 'text' },
      { ...good, [first]: -1 },
      { ...good, [first]: Number.NaN },
      { ...good, [first]: filled(3_000_000, 1) },
      { ...good, [first]: { length: 32 } },
      { ...good, epoch: 2 ** 60 },
      { ...good, epoch: 0.5 },
    ];
    for (const request of bad) {
      expect(await alice.ask(name, request)).toEqual({ ok: false, code: 'bad_request' });
    }
    expect(seqsOf(await alice.ask('log:read', { ...subscribe(), limit: 10 }))).toEqual([]);
    expect(await alice.ask(name, good)).toMatchObject({ ok: true });
    expect(house.failures).toEqual([]);
  });

  it('[LOG1] knows no other names', async () => {
    for (const name of ['', 'log:delete', 'constructor', '__proto__', 'toString', 'disconnect']) {
      expect(await alice.ask(name as RequestName, {})).toEqual({ ok: false, code: 'bad_request' });
    }
  });

  it('[LOG1] accepts an append by the fast check only when its schema does', () => {
    const bytes = fc.oneof(
      fc
        .constantFrom(0, 1, 16, 31, 32, 33, LIMITS.messageBody, LIMITS.messageBody + 1)
        .map((n) => filled(n, 1)),
      fc.constantFrom('text', null, undefined, {}, [], 0),
    );
    const number = fc.oneof(fc.double(), fc.maxSafeNat(), fc.constantFrom(-1, -0, 2 ** 53, '0', null));
    const record = fc.record(
      { log: bytes, token: bytes, id: bytes, body: bytes, epoch: number, more: fc.constant(1) },
      { requiredKeys: ['log', 'token', 'id', 'body', 'epoch'] },
    );
    const near = fc.record({
      field: fc.constantFrom('log', 'token', 'id', 'body', 'epoch', 'more'),
      value: bytes,
    });
    const request = fc.oneof(
      record,
      near.map(({ field, value }) => ({ ...append(1), [field]: value })),
      near.map(({ field }) =>
        Object.fromEntries(Object.entries(append(1)).filter(([name]) => name !== field)),
      ),
      number.map((epoch) => ({ ...append(1), epoch })),
    );
    fc.assert(
      fc.property(request, (candidate) => {
        const schema = REQUESTS['log:append'].request.safeParse(candidate);
        expect(isAppend(candidate)).toBe(schema.success);
        if (schema.success) expect(schema.data).toEqual(candidate);
      }),
      { numRuns: 2000 },
    );
  });

  it('[LOG7] slows down who asks too much, and serves them after the wait', async () => {
    const small = openHouse({ rate: { perSecond: 10, burst: 5 } });
    const eager = await small.connect(ALICE);
    const calm = await small.connect(BOB);
    for (let n = 0; n < 5; n++)
      expect(await eager.ask('inbox:read', { after: 0 })).toMatchObject({ ok: true });
    const refused = await eager.ask('inbox:read', { after: 0 });
    expect(refused).toEqual({ ok: false, code: 'rate_limited', retryAfter: 0.1 });
    expect(await calm.ask('inbox:read', { after: 0 })).toMatchObject({ ok: true });
    small.passTime(100);
    expect(await eager.ask('inbox:read', { after: 0 })).toMatchObject({ ok: true });
    small.passTime(-60_000);
    expect(await eager.ask('inbox:read', { after: 0 })).toMatchObject({ code: 'rate_limited' });
  });

  it('[LOG8] brings a Welcome with its commit, and tells the device at once', async () => {
    const phone = await house.connect(session(20, 2));
    await alice.ask('log:commit', commit(1, 0, [welcomeFor(BOB)]));
    await settled();
    expect([bob.inboxSeqs, phone.inboxSeqs]).toEqual([[1], [1]]);
    await alice.ask('log:commit', commit(1, 0, [welcomeFor(BOB)]));
    await settled();
    expect(bob.inboxSeqs).toEqual([1]);
  });

  it('[LOG8] refuses items for no device, and such as expire too late or have expired', async () => {
    const day = NOON / (24 * 3600 * 1000);
    for (const expiryDay of [day - 1, day + LIMITS.entryDaysMax + 1, 0xffff_ffff]) {
      const adding = commit(1, 0, [welcomeFor(BOB, expiryDay)]);
      expect(await alice.ask('log:commit', adding)).toEqual({ ok: false, code: 'bad_request' });
      expect(await alice.ask('inbox:append', welcomeFor(BOB, expiryDay))).toMatchObject({
        code: 'bad_request',
      });
    }
    const strict = openHouse({ knowsDevice: async (account) => account[0] !== 30 });
    const eve = await strict.connect(ALICE);
    await createFamily(eve);
    const unknown = { ok: false, code: 'device_unknown' };
    expect(await eve.ask('inbox:append', welcomeFor(CAROL))).toEqual(unknown);
    expect(await eve.ask('log:commit', commit(1, 0, [welcomeFor(BOB), welcomeFor(CAROL)]))).toEqual(unknown);
    expect(await eve.ask('log:append', append(1))).toMatchObject({ ok: true, seq: 1 });
  });

  it('[LOG9] lets an account create so many logs a day', async () => {
    const quick = openHouse({ rate: { perSecond: 1, burst: 10_000 } });
    const eve = await quick.connect(CAROL);
    const create = (n: number) =>
      eve.ask('log:create', {
        log: new Uint8Array([...entryId(n), ...entryId(n)]),
        tokenHash: filled(32, 1),
      });
    for (let n = 0; n < LIMITS.logsPerDay; n++) expect(await create(n)).toEqual({ ok: true });
    expect(await create(5000)).toEqual({ ok: false, code: 'quota_exceeded' });
    quick.passTime(24 * 3600 * 1000);
    expect(await create(5000)).toEqual({ ok: true });
  });

  it('[LOG9] [LOG31] says so when it cannot count, and creates nothing', async () => {
    const down = () => Promise.reject(new StoreError('unavailable'));
    const counters = { ...createMemoryCounters(), read: down, add: down };
    const lame = openHouse({ shared: { ...createMemoryLogs(), counters } });
    const eve = await lame.connect(CAROL);
    const unavailable = { ok: false, code: 'unavailable' };
    expect(await createFamily(eve)).toEqual(unavailable);
    expect(await eve.ask('inbox:append', welcomeFor(BOB))).toEqual(unavailable);
    expect(lame.failures.every((failure) => failure instanceof StoreError)).toBe(true);
  });

  it('[LOG9] lets a connection follow so many logs, and more once it stops some', () => {
    const subscriptions = createSubscriptions(createFanOut(), { notify: () => {}, end: () => {} });
    const log = (n: number) => new Uint8Array([...entryId(n), ...entryId(n)]) as LogId;
    const start = (n: number, epoch = 0) =>
      subscriptions.start({ log: log(n), epoch, shownHash: sha256(tokenOf(epoch)) });
    for (let n = 0; n < LIMITS.subscriptions; n++) expect(start(n)).toBeDefined();
    expect(start(LIMITS.subscriptions)).toBeUndefined();
    expect(start(0, 1)).toBeDefined();
    subscriptions.stop(log(1));
    expect(start(LIMITS.subscriptions)).toBeDefined();
  });

  it('[LOG10] tells the connections of a session that it ended, and cuts them', async () => {
    const tablet = await house.connect(session(20, 2));
    house.connections.endSession(BOB.id);
    await settled();
    expect([bob.isDown(), tablet.isDown(), alice.isDown()]).toEqual([true, false, false]);
    expect(bob.notices).toEqual(['session:ended']);
    expect(await bob.ask('inbox:read', { after: 0 })).toEqual({ ok: false, code: 'unavailable' });
  });

  it('[LOG19] lets nobody fill the inbox of another account alone', async () => {
    const most = LIMITS.deliveriesPerDay;
    for (let i = 0; i < most - 1; i++)
      expect(await alice.ask('inbox:append', welcomeFor(BOB))).toEqual({ ok: true });
    expect(await alice.ask('log:commit', commit(1, 0, [welcomeFor(BOB)]))).toMatchObject({ ok: true });
    const refused = { ok: false, code: 'quota_exceeded' };
    expect(await alice.ask('inbox:append', welcomeFor(BOB))).toEqual(refused);
    expect(await alice.ask('log:commit', commit(2, 1, [welcomeFor(BOB)]))).toEqual(refused);
    expect(await alice.ask('inbox:append', welcomeFor(ALICE))).toEqual({ ok: true });
    expect(await alice.ask('inbox:append', welcomeFor(CAROL))).toEqual({ ok: true });
    const carol = await house.connect(CAROL);
    expect(await carol.ask('inbox:append', welcomeFor(BOB))).toEqual({ ok: true });
    house.passTime(24 * 3600 * 1000);
    expect(await alice.ask('inbox:append', welcomeFor(BOB))).toEqual({ ok: true });
  });

  it('[LOG16] gives a device its own inbox', async () => {
    await alice.ask('inbox:append', welcomeFor(BOB));
    const run = async (person: Person) => {
      const answer = await person.ask('inbox:read', { after: 0 });
      return answer.ok ? answer.run.length : answer.code;
    };
    expect([await run(alice), await run(bob)]).toEqual([0, 46]);
    await alice.ask('inbox:trim', { upTo: 10 });
    expect(await run(bob)).toBe(46);
    await bob.ask('inbox:trim', { upTo: 1 });
    expect(await run(bob)).toBe(0);
  });

  it('[LOG18] holds four connections of a session', async () => {
    const later = [];
    for (let n = 0; n < 4; n++) later.push(await house.connect(BOB));
    await settled();
    expect([bob, ...later].map((person) => person.isDown())).toEqual([true, false, false, false, false]);
  });
});
