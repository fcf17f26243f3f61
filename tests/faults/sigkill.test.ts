import { afterEach, expect, it } from 'vitest';
import { check } from './check.ts';
import { type Grounds, openGrounds } from './grounds.ts';
import { type Load, startLoad, untilAcked } from './load.ts';
import { traceKills } from './traces.ts';

/** Times the relay is killed, and acks that it may give before; how many is drawn at random. */
const KILLS = 20;
const LIFE_ACKS = 120;
/** Many more only where none struck between store and ack, or between ack and fan-out, or hardly anybody committed. */
const MOST_KILLS = 80;
const COMMITS = 5;

let grounds: Grounds | string;
let load: Load | undefined;
afterEach(async () => {
  load?.close();
  if (typeof grounds === 'object') await grounds.close();
});

it('[STORE14] [LOG15] a relay killed under load again and again loses, doubles and reorders nothing it acknowledged, and readers miss nothing', async () => {
  grounds = await openGrounds({ store: 'sqlite', nodes: 1 });
  if (typeof grounds === 'string') throw new Error(grounds);
  const [relay] = grounds.places;
  load = await startLoad(grounds.town, { writers: 8, window: 4, readers: 3, commits: 0.03 });
  const kills: number[] = [];
  while (!hasSeenAll(load, kills) && kills.length < MOST_KILLS) {
    await untilAcked(load, 1 + Math.floor(Math.random() * LIFE_ACKS));
    kills.push(Date.now());
    await relay?.kill();
    await relay?.start();
  }
  const evidence = await load.finish(30_000);
  const tally = check(evidence);
  const traces = traceKills(evidence, kills);
  console.info(`${kills.length} kills: ${JSON.stringify({ ...traces, ...tally })}`);
  expect(tally).toMatchObject({ problems: [], lost: 0, doubled: 0, outOfOrder: 0 });
  expect(tally.acks).toBeGreaterThan(500);
  expect(tally.commits).toBeGreaterThan(COMMITS);
  expect(traces.killsBeforeAck).toBeGreaterThan(0);
  expect(traces.killsBeforeDelivery).toBeGreaterThan(0);
}, 240_000);

function hasSeenAll(load: Load, kills: readonly number[]): boolean {
  const { killsBeforeAck, killsBeforeDelivery } = traceKills(load, kills);
  const commits = load.ledger.told.filter(({ isCommit }) => isCommit).length;
  return kills.length >= KILLS && commits > COMMITS && killsBeforeAck > 0 && killsBeforeDelivery > 0;
}
