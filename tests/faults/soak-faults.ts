import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { RedisServer } from '../../apps/relay/test/store/redis/server.ts';
import type { Grounds, Place } from './grounds.ts';
import type { Town } from './town.ts';

/** What was broken so far. */
export interface Damage {
  kills: number;
  redisKills: number;
  redisFlushes: number;
  storeKills: number;
}

/** Breaks what a run stands on at random moments, until it is called off; then all of it serves again. */
export interface Wreckers {
  readonly damage: Damage;
  /** When relays that served were killed. */
  readonly kills: readonly number[];
  /** Rejects when something did not come back. */
  callOff(): Promise<void>;
}

/** Milliseconds between one thing that breaks and the next, drawn anew each time. */
const LIFE_MS = { alone: [0, 700], among: [500, 6000] } as const;
const REDIS_MS = [1000, 8000] as const;
const STORE_MS = [15_000, 40_000] as const;
const AWAY_MS = [0, 1500] as const;
/** Part of the starts that are killed on their way, in the milliseconds that a start takes. */
const IN_VAIN = 0.1;
const START_MS = [0, 600] as const;

export function sendWreckers({ places, redis, server, town }: Grounds): Wreckers {
  const damage: Damage = { kills: 0, redisKills: 0, redisFlushes: 0, storeKills: 0 };
  const kills: number[] = [];
  const over = new AbortController();
  const wait = (range: readonly [number, number]) =>
    pause(between(range), undefined, { signal: over.signal }).catch(() => {});
  const until = async (round: () => Promise<void>): Promise<void> => {
    while (!over.signal.aborted) await round();
  };
  const life = places.length === 1 ? LIFE_MS.alone : LIFE_MS.among;
  const work = places.map((place) =>
    until(async () => {
      await wait(life);
      if (over.signal.aborted) return;
      kills.push(Date.now());
      damage.kills += await killAndStart(place, town);
    }),
  );
  if (redis !== undefined) {
    work.push(
      until(async () => {
        await wait(REDIS_MS);
        if (over.signal.aborted) return;
        if (Math.random() < 0.5) {
          damage.redisFlushes += 1;
          await flush(redis);
        } else {
          damage.redisKills += 1;
          await redis.kill();
          await wait(AWAY_MS);
          if (!town.isLeft()) await redis.startAgain();
        }
      }),
    );
  }
  const power = server?.power;
  if (power !== undefined) {
    work.push(
      until(async () => {
        await wait(STORE_MS);
        if (over.signal.aborted) return;
        damage.storeKills += 1;
        await power.cut();
        await wait(AWAY_MS);
        if (!town.isLeft()) await power.restore();
      }),
    );
  }
  // Who fails is heard when they are called off.
  const all = Promise.all(work);
  all.catch(() => {});
  return {
    damage,
    kills,
    async callOff() {
      over.abort();
      await all;
    },
  };
}

/** Answers how many were killed. A node whose store or Redis is away ends by itself, as one does whose service manager starts it again. */
async function killAndStart(place: Place, town: Town): Promise<number> {
  let killed = 1;
  await place.kill();
  if (Math.random() < IN_VAIN) {
    await place.startInVain(between(START_MS));
    killed += 1;
  }
  for (let tries = 0; ; tries++) {
    try {
      await place.start();
      return killed;
    } catch (error) {
      if (tries === MOST_STARTS || town.isLeft()) throw error;
      await pause(200);
    }
  }
}

const MOST_STARTS = 50;

/** As an operator would by hand. */
export function flush({ url }: RedisServer): Promise<void> {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname, () => socket.write('FLUSHALL\r\n'));
    socket.once('data', () => socket.destroy());
    socket.once('error', () => {});
    socket.once('close', () => resolve());
  });
}

function between([least, most]: readonly [number, number]): number {
  return least + Math.random() * (most - least);
}
