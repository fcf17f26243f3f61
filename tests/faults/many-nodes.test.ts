import { randomBytes } from 'node:crypto';
import { decodeRun } from '@sotto/protocol';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { check } from './check.ts';
import { type Grounds, openGrounds, type Place } from './grounds.ts';
import { type Load, startLoad, untilAcked } from './load.ts';
import { type Client, createClient, type Somebody, signUp } from './people.ts';
import { flush } from './soak-faults.ts';
import { createThread, sha256 } from './thread.ts';
import { createTown } from './town.ts';
import { createLog } from './writer.ts';

const SHAPE = { writers: 2, window: 2, readers: 2, commits: 0.02 };
const FINISH_MS = 60_000;
const RACES = 12;

let grounds: Grounds;
let load: Load | undefined;
/** Why there is nothing to be tried. */
let missing: string | undefined;

beforeAll(async () => {
  const opened = await openGrounds({ store: 'mongodb', nodes: 2, redis: true });
  if (typeof opened === 'object') grounds = opened;
  missing = typeof opened === 'string' ? opened : undefined;
  if (missing !== undefined) console.warn(`\nSKIPPED, faults of many nodes: ${missing}\n`);
}, 120_000);
afterEach(() => load?.close());
afterAll(() => grounds?.close());

describe('two relays on one database and one Redis', { timeout: 180_000 }, () => {
  it('[STORE4] [STORE18] of two people who commit to one epoch at two relays at the same moment one wins', async (test) => {
    if (missing !== undefined) return test.skip(missing);
    const people = [await signUp(grounds.town, 'alice'), await signUp(grounds.town, 'bob')];
    const [alice, bob] = people.map((who, n) => connectTo(grounds.places[n], who)) as [Client, Client];
    const thread = createThread();
    const { log, tokenOf } = thread;
    await createLog(alice, thread);
    const entry = (epoch: number) => ({
      log,
      token: tokenOf(epoch),
      id: randomBytes(16),
      epoch,
      body: randomBytes(50),
    });
    const commit = (client: Client, epoch: number) =>
      client.ask('log:commit', { ...entry(epoch), nextTokenHash: sha256(tokenOf(epoch + 1)), welcomes: [] });
    for (let epoch = 0; epoch < RACES; epoch++) {
      const both = [alice, bob];
      const messages = both.map((client) => client.ask('log:append', entry(epoch)));
      const commits = await Promise.all(both.map((client) => commit(client, epoch)));
      await Promise.all(messages);
      const won = commits.filter((answer) => answer?.ok);
      expect(won).toHaveLength(1);
      const seq = won[0]?.ok ? won[0].seq : 0;
      expect(commits).toContainEqual({ ok: false, code: 'epoch_moved', head: { epoch: epoch + 1, seq } });
    }
    const books = await Promise.all([alice, bob].map((client) => readAll(client, log, tokenOf)));
    expect(books[1]).toEqual(books[0]);
    const seqs = books[0]?.map(([seq]) => seq);
    expect(seqs).toEqual(seqs?.map((_, n) => n + 1));
    expect(books[0]?.filter(([, kind]) => kind === 'commit').map(([, , epoch]) => epoch)).toEqual(
      Array.from({ length: RACES }, (_, epoch) => epoch),
    );
    alice.close();
    bob.close();
  });

  it('[LOG23] Redis is killed and flushed while both deliver: nothing is missed', async (test) => {
    if (missing !== undefined) return test.skip(missing);
    const { redis } = grounds;
    if (redis === undefined) return test.skip('there is no Redis');
    load = await startLoad(again(), SHAPE);
    await untilAcked(load, 50);
    await redis.kill();
    await untilAcked(load, 50);
    await redis.startAgain();
    for (let n = 0; n < 3; n++) {
      await untilAcked(load, 30);
      await flush(redis);
    }
    await judge(load);
  });

  it('[STORE14] [STORE18] the database is killed under load and comes back: nothing that was acknowledged is lost', async (test) => {
    if (missing !== undefined) return test.skip(missing);
    const power = grounds.server?.power;
    if (power === undefined) return test.skip('the database is not ours to kill');
    load = await startLoad(again(), SHAPE);
    for (let n = 0; n < 3; n++) {
      await untilAcked(load, 25);
      await power.cut();
      await power.restore();
    }
    await untilAcked(load, 25);
    await judge(load);
    // Neither relay went with it.
    for (const { node } of grounds.places) expect((await fetch(`${node()?.origin}/readyz`)).status).toBe(200);
  });
});

/** The same relays, for other people: who leaves a town leaves its relays to the next. */
function again() {
  const town = createTown(grounds.town.origin);
  for (const { node } of grounds.places) if (node() !== undefined) town.open(node()!);
  return town;
}

function connectTo(place: Place | undefined, who: Somebody): Client {
  const town = createTown(grounds.town.origin);
  const node = place?.node();
  if (node !== undefined) town.open(node);
  return createClient(town, who);
}

async function judge(load: Load): Promise<void> {
  const tally = check(await load.finish(FINISH_MS));
  console.info(JSON.stringify(tally));
  expect(tally).toMatchObject({ problems: [], lost: 0, doubled: 0, outOfOrder: 0 });
}

async function readAll(client: Client, log: Buffer, tokenOf: (epoch: number) => Buffer) {
  const last = RACES;
  const answer = await client.ask('log:read', {
    log,
    epoch: last,
    token: tokenOf(last),
    after: 0,
    limit: 1000,
  });
  if (!answer?.ok) throw new Error(answer?.code);
  return (decodeRun(answer.run) ?? []).map(({ seq, kind, epoch }) => [seq, kind, epoch] as const);
}
