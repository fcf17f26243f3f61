import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { check } from './check.ts';
import { type Crowd, createCrowd, mostDescriptors, openSessions, writeTokens } from './crowd.ts';
import { type Grounds, openGrounds, type Place } from './grounds.ts';
import { type Load, startLoad, untilAcked } from './load.ts';
import { residentMegabytes } from './processor.ts';
import { createTown } from './town.ts';

const IDLE = 10_000;
const WAVE = 3000;
const A_SECOND = 1000;
/** Tokens in a wave that are good for nothing. */
const BAD = 300;
const SECRET = 'a secret of a relay that a crowd comes to';
/** Of descriptors, beside those of the crowd. */
const OTHERS = 500;
/** Over the idle relay; the bench holds it to less. */
const MOST_MEGABYTES = 700;
const SHAPE = { writers: 2, window: 2, readers: 2, commits: 0.01 };
/** Connections of those who write and read, and of the one who is invited. */
const PEOPLE = SHAPE.writers + SHAPE.readers + 1;
const SOON = { timeout: 60_000, interval: 100 };

let folder: string;
let grounds: Grounds | undefined;
let relay: Place;
let tokens: string[];
let crowd: Crowd;
let load: Load;
/** Why there is nothing to be tried. */
let missing: string | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sotto-crowds-'));
  missing = whatIsMissing();
  if (missing !== undefined) return console.warn(`\nSKIPPED, crowds: ${missing}\n`);
  const data = join(folder, 'data');
  const tickets = await openSessions(data, IDLE);
  const settings = { SOTTO_DATA_DIR: data, JWT_SECRET: SECRET };
  const opened = await openGrounds({ store: 'sqlite', nodes: 1, settings });
  if (typeof opened === 'string') throw new Error(opened);
  grounds = opened;
  relay = opened.places[0] as Place;
  tokens = writeTokens(tickets, SECRET, opened.town.origin);
}, 120_000);
beforeEach(async () => {
  if (grounds === undefined) return;
  crowd = createCrowd();
  load = await startLoad(again(), SHAPE);
});
afterEach(async () => {
  load?.close();
  await crowd?.vanish();
});
afterAll(async () => {
  await grounds?.close();
  await rm(folder, { recursive: true });
});

describe('one relay and a crowd', { timeout: 180_000 }, () => {
  it('[LOG30] [LOG15] ten thousand are there and do nothing, and vanish in one moment: a conversation goes on', async (test) => {
    if (missing !== undefined) return test.skip(missing);
    await untilAcked(load, 100);
    await untilConnected(PEOPLE);
    const before = resident();
    const arriving = crowd.arrive({ port: portOf(relay), tokens, stay: true });
    await untilAcked(load, 100);
    const { seconds, ...arrived } = await arriving;
    console.info(`${IDLE} connected in ${seconds.toFixed(1)} s: ${JSON.stringify(arrived)}`);
    expect(arrived).toMatchObject({ connected: IDLE, refused: {}, gaveUp: 0 });

    await untilAcked(load, 100);
    await untilShown(load);
    expect(await crowd.count()).toBe(IDLE);
    await untilConnected(IDLE + PEOPLE);
    const over = resident() - before;
    console.info(`${over.toFixed(0)} MB over the relay without them`);
    expect(over).toBeLessThan(MOST_MEGABYTES);

    await crowd.vanish();
    await untilAcked(load, 100);
    await untilConnected(PEOPLE);
    await judge();
  });

  it('[LOG30] [LOG11] a thousand come in a second, and again: each is connected or told why not, and a conversation goes on', async (test) => {
    if (missing !== undefined) return test.skip(missing);
    await untilAcked(load, 100);
    await untilConnected(PEOPLE);
    const before = resident();
    const bad = tokens.slice(0, BAD).map((token) => `${token.slice(0, -8)}AAAAAAAA`);
    const comers = [...tokens.slice(0, WAVE - BAD), ...bad];
    const arriving = crowd.arrive({
      port: portOf(relay),
      tokens: shuffle(comers),
      perSecond: A_SECOND,
      stay: false,
    });
    await untilAcked(load, 100);
    await untilShown(load);
    const { seconds, ...arrived } = await arriving;
    console.info(`${WAVE} came in ${seconds.toFixed(1)} s: ${JSON.stringify(arrived)}`);
    expect(arrived).toMatchObject({
      connected: WAVE - BAD,
      refused: { unauthorized: BAD },
      gaveUp: 0,
    });
    await untilAcked(load, 100);
    await untilConnected(PEOPLE);
    expect(resident() - before).toBeLessThan(MOST_MEGABYTES);
    await judge();
  });
});

function whatIsMissing(): string | undefined {
  if (process.platform !== 'linux') return 'memory and limits of processes are read as on Linux';
  const most = mostDescriptors();
  return most < IDLE + OTHERS ? `a process may open ${most} descriptors: see ulimit -Hn` : undefined;
}

/** The relay for others than those before. */
function again() {
  const { town } = grounds as Grounds;
  const next = createTown(town.origin);
  const node = relay.node();
  if (node !== undefined) next.open(node);
  return next;
}

/** What was written last came to everybody who reads. */
async function untilShown({ ledger, readers }: Load): Promise<void> {
  const { newest } = ledger;
  await vi.waitFor(() => {
    for (const { shown } of readers) expect(shown.length).toBeGreaterThanOrEqual(newest);
  }, SOON);
}

async function judge(): Promise<void> {
  const tally = check(await load.finish(60_000));
  console.info(JSON.stringify(tally));
  expect(tally).toMatchObject({ problems: [], lost: 0, doubled: 0, outOfOrder: 0 });
  expect([...load.ledger.refusals.keys()].filter((code) => code !== 'epoch_moved')).toEqual([]);
}

/** As the relay counts them. */
async function untilConnected(count: number): Promise<void> {
  await vi.waitFor(async () => {
    const metrics = await (await fetch(`${relay.node()?.origin}/metrics`)).text();
    expect(Number(/^sotto_connections (\d+)$/m.exec(metrics)?.[1])).toBe(count);
  }, SOON);
}

const resident = () => residentMegabytes(relay.node()?.pid ?? 0);
const portOf = (place: Place) => Number(new URL(place.node()?.origin ?? '').port);

function shuffle<T>(all: readonly T[]): T[] {
  return all
    .map((one) => ({ one, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ one }) => one);
}
