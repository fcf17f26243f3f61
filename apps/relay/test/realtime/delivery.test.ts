import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createUnheardHints } from '../../src/realtime/hints.ts';
import { createMemoryLogs } from '../../src/store/memory/logs.ts';
import {
  ALICE,
  append,
  BOB,
  CAROL,
  commit,
  createFamily,
  FAMILY,
  filled,
  openHouse,
  type Person,
  seqsOf,
  settled,
  subscribe,
  tokenOf,
} from './live-relay.ts';

let house: ReturnType<typeof openHouse>;
let alice: Person;
let bob: Person;
let carol: Person;

const folder = mkdtempSync(join(tmpdir(), 'sotto-delivery-'));
let files = 0;
afterAll(() => rmSync(folder, { recursive: true }));

/** In memory answers come at once; from the disk they come when the others are already further on. */
const STORES = { memory: () => ({}), sqlite: () => ({ path: join(folder, `${files++}.sqlite`) }) };

describe.each(Object.keys(STORES) as (keyof typeof STORES)[])('delivery, %s', (store) => {
  beforeEach(async () => {
    house = openHouse(STORES[store]());
    alice = await house.connect(ALICE);
    bob = await house.connect(BOB);
    carol = await house.connect(CAROL);
    await createFamily(alice);
  });
  afterEach(() => house.logs.close());
  it('[LOG2] answers an append that is durable, and brings it to the others', async () => {
    await alice.ask('log:subscribe', subscribe());
    await bob.ask('log:subscribe', subscribe());
    expect(await alice.ask('log:append', append(1))).toMatchObject({ ok: true, seq: 1 });
    await settled();
    expect(bob.frames).toEqual([[1]]);
    expect(alice.frames).toEqual([]);
    expect(carol.frames).toEqual([]);
  });

  it('[LOG2] delivers nothing of a retry, nor of what the store refused', async () => {
    await bob.ask('log:subscribe', subscribe());
    await alice.ask('log:append', append(1));
    await alice.ask('log:append', append(1));
    await alice.ask('log:append', { ...append(1), body: filled(20, 9) });
    await alice.ask('log:append', { ...append(2), token: tokenOf(5) });
    await settled();
    expect(bob.frames).toEqual([[1]]);
  });

  it('[LOG3] brings what became durable together in one frame, its author included when it has others', async () => {
    for (const person of [alice, bob, carol]) await person.ask('log:subscribe', subscribe());
    await Promise.all([
      alice.ask('log:append', append(1)),
      alice.ask('log:append', append(2)),
      bob.ask('log:append', append(3)),
    ]);
    await settled();
    expect(carol.frames).toEqual([[1, 2, 3]]);
    expect(alice.frames).toEqual([[1, 2, 3]]);
    await Promise.all([1, 2, 3].map((n) => alice.ask('log:append', append(10 + n))));
    await settled();
    expect(bob.frames).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(alice.frames).toHaveLength(1);
  });

  it('[LOG4] answers what was missed since the cursor', async () => {
    for (let n = 1; n <= 5; n++) await alice.ask('log:append', append(n));
    const answer = await bob.ask('log:subscribe', subscribe(0, 2));
    expect(answer).toMatchObject({ ok: true, head: { epoch: 0, seq: 5 } });
    expect(seqsOf(answer)).toEqual([3, 4, 5]);
  });

  it('[LOG4] leaves no gap between the answer and the first frame while others append', async () => {
    for (let round = 0; round < 30; round++) {
      const late = await house.connect(CAROL);
      const sending = Promise.all([1, 2, 3, 4].map((n) => alice.ask('log:append', append(10 * round + n))));
      await Promise.all(Array.from({ length: round % 5 }, () => Promise.resolve()));
      const answer = await late.ask('log:subscribe', subscribe(0, 4 * round));
      await sending;
      await settled();
      const seen = [...seqsOf(answer), ...late.frames.flat()];
      expect(seen).toEqual([1, 2, 3, 4].map((n) => 4 * round + n));
      late.close();
    }
  });

  it('[LOG5] ends with the commit that ends the epoch; the next token goes on', async () => {
    await bob.ask('log:subscribe', subscribe());
    await carol.ask('log:subscribe', subscribe());
    await alice.ask('log:commit', commit(1, 0));
    await alice.ask('log:append', append(2, 1));
    await settled();
    expect([bob.frames, carol.frames]).toEqual([[[1]], [[1]]]);
    expect(seqsOf(await bob.ask('log:subscribe', subscribe(1, 1)))).toEqual([2]);
    await alice.ask('log:append', append(3, 1));
    await settled();
    expect([bob.frames, carol.frames]).toEqual([[[1], [3]], [[1]]]);
  });

  it('[LOG5] splits what became durable together where an epoch ends', async () => {
    await bob.ask('log:subscribe', subscribe());
    await Promise.all([alice.ask('log:append', append(1)), alice.ask('log:commit', commit(2, 0))]);
    await alice.ask('log:append', append(3, 1));
    await settled();
    expect(bob.frames.flat()).toEqual([1, 2]);
  });

  it('[LOG6] follows nothing when the epoch is over or the token is wrong', async () => {
    await alice.ask('log:commit', commit(1, 0));
    const over = await bob.ask('log:subscribe', subscribe(0));
    expect(over).toMatchObject({ ok: true, head: { epoch: 1, seq: 1 } });
    const wrong = { ...subscribe(1), token: tokenOf(7) };
    expect(await carol.ask('log:subscribe', wrong)).toEqual({ ok: false, code: 'token_refused' });
    const nowhere = { ...subscribe(0), log: filled(32, 9) };
    expect(await carol.ask('log:subscribe', nowhere)).toEqual({ ok: false, code: 'log_unknown' });
    await alice.ask('log:append', append(2, 1));
    await settled();
    expect([bob.frames, carol.frames]).toEqual([[], []]);
  });

  it('[LOG6] the answer about an epoch that ended stops nothing that was asked for after it', async () => {
    await alice.ask('log:commit', commit(1, 0));
    await Promise.all([bob.ask('log:subscribe', subscribe(0)), bob.ask('log:subscribe', subscribe(1, 1))]);
    await alice.ask('log:append', append(2, 1));
    await settled();
    expect(bob.frames).toEqual([[2]]);
  });

  it('[LOG6] stops when asked to', async () => {
    await bob.ask('log:subscribe', subscribe());
    expect(await bob.ask('log:unsubscribe', { log: FAMILY })).toEqual({ ok: true });
    await alice.ask('log:append', append(1));
    await settled();
    expect(bob.frames).toEqual([]);
  });

  it('[LOG15] brings nothing to a connection that went, and starts anew when it is back', async () => {
    await bob.ask('log:subscribe', subscribe());
    bob.close();
    await alice.ask('log:append', append(1));
    const back = await house.connect(BOB);
    await alice.ask('log:append', append(2));
    await settled();
    expect([bob.frames, back.frames]).toEqual([[], []]);
    expect(seqsOf(await back.ask('log:subscribe', subscribe(0, 0)))).toEqual([1, 2]);
  });
});

it('[LOG5] who subscribes to a log that never rests, and whose epoch ends meanwhile, is told where it stands', async () => {
  const stores = createMemoryLogs();
  const steps: (() => Promise<unknown>)[] = [];
  const logs: typeof stores.logs = {
    ...stores.logs,
    async readEntries(request) {
      const outcome = await stores.logs.readEntries(request);
      // Read, and on its way here: what others write meanwhile is not in it.
      await steps.shift()?.();
      await settled();
      return outcome;
    },
  };
  for (const isAmongOthers of [false, true]) {
    const log = filled(32, isAmongOthers ? 5 : 6);
    const shared = { ...stores, logs, ...(isAmongOthers && { hints: createUnheardHints() }) };
    const house = openHouse({ shared });
    const [alice, bob, carol] = [
      await house.connect(ALICE),
      await house.connect(BOB),
      await house.connect(CAROL),
    ];
    await createFamily(alice, log);
    await carol.ask('log:subscribe', subscribe(0, 0, log));
    steps.push(
      () => alice.ask('log:append', append(1, 0, log)),
      () => alice.ask('log:append', append(2, 0, log)),
      () => alice.ask('log:commit', { ...commit(3, 0), log }),
    );
    const answer = await bob.ask('log:subscribe', subscribe(0, 0, log));
    expect(answer).toMatchObject({ ok: true, head: { epoch: 1, seq: 3 } });
    expect(seqsOf(answer)).toEqual([1, 2]);
    expect(carol.frames.flat()).toEqual([1, 2, 3]);
    house.connections.stop();
  }
});
