import { describeError, type Log } from '../../log.ts';
import type { Count, CounterStore } from '../counter-store.ts';
import { createMemoryCounters } from '../memory/counters.ts';
import type { RedisConnection } from './connection.ts';

const PREFIX = 'sotto:count:';
/** What is not answered by then is counted here. The client's own limit ends with a command's sending. */
const ANSWER_MS = 500;
/** After a failure Redis is left alone for so long: requests do not wait one after the other for a server that hangs. */
const PAUSE_MS = 1000;

/**
 * Adds one and answers the counter: a hash of `count`, `last`, `until`. One script, so that additions of all nodes come one
 * after the other. Not `rate-limiter-flexible`'s, which keeps no time of the last addition, has no window that slides, takes
 * back below nothing, and lets Redis tell the time; here the relay does, and Redis' own expiry only clears away.
 */
const ADD = `
local kept = redis.call('HMGET', KEYS[1], 'count', 'until')
local count = tonumber(kept[1]) or 0
local ends = kept[2]
if count > 0 and tonumber(ends) <= tonumber(ARGV[1]) then count = 0 end
if count == 0 or ARGV[3] == '1' then ends = ARGV[2] end
count = count + 1
redis.call('HSET', KEYS[1], 'count', count, 'last', ARGV[1], 'until', ends)
redis.call('PEXPIRE', KEYS[1], math.max(1, tonumber(ends) - tonumber(ARGV[1])))
return {tostring(count), ends}`;

const TAKE_BACK = `
local count = tonumber(redis.call('HGET', KEYS[1], 'count')) or 0
if count > 0 then redis.call('HINCRBY', KEYS[1], 'count', -1) end
return 0`;

const NOTHING: Count = { count: 0, lastAt: 0, forgottenAt: 0 };

/**
 * Counters of all nodes, in Redis: each goes with its window, so their number is bounded by what comes in one. While Redis is
 * away this process counts for itself, under stricter limits; it says so once, and when Redis counts again. `before`: what counted
 * before there was Redis; it only goes on forgetting.
 */
export function createRedisCounters(
  client: RedisConnection,
  log: Log,
  before?: Pick<CounterStore, 'sweep'>,
): CounterStore {
  const own = createStrictCounters();
  let leftAloneUntil = 0;
  let isAway = false;
  /** What Redis answers, or what this process counts when it does not. */
  const ask = async <T>(work: () => Promise<T>, instead: () => Promise<T>): Promise<T> => {
    if (performance.now() < leftAloneUntil) return instead();
    try {
      const answer = await inTime(work());
      if (isAway) log.info({}, 'redis counts for the limits again');
      isAway = false;
      return answer;
    } catch (error) {
      if (!isAway)
        log.warn(describeError(error), 'redis is away: this node counts for itself, a third is allowed');
      isAway = true;
      // While there is no connection a failure costs nothing; one that hangs does.
      if (client.isReady) leftAloneUntil = performance.now() + PAUSE_MS;
      return instead();
    }
  };
  return {
    read: (key, now) =>
      ask(
        () => read(client, key, now),
        () => own.read(key, now),
      ),
    add: (key, seconds, now, window = 'fixed') =>
      ask(
        () => addOne(client, { key, now, end: now + seconds * 1000, slides: window === 'sliding' }),
        () => own.add(key, seconds, now, window),
      ),
    takeBack: (key) =>
      ask(
        async () => void (await client.eval(TAKE_BACK, { keys: [PREFIX + key] })),
        () => own.takeBack(key),
      ),
    async forget(key) {
      await own.forget(key);
      await ask(
        async () => void (await client.del(PREFIX + key)),
        async () => {},
      );
    },
    async sweep(now) {
      await own.sweep(now);
      await before?.sweep(now);
    },
  };
}

/**
 * Counts of this process alone, of which each but the first stands for three: so a limit that they are held against lets through
 * a third of what it allows all nodes together, and one at the least.
 */
export function createStrictCounters(): CounterStore {
  const counters = createMemoryCounters();
  const strict = (count: Count): Count => ({ ...count, count: Math.max(0, 3 * count.count - 2) });
  return {
    ...counters,
    read: async (key, now) => strict(await counters.read(key, now)),
    add: async (...addition) => strict(await counters.add(...addition)),
  };
}

async function inTime<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer')), ANSWER_MS);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function read(client: RedisConnection, key: string, now: number): Promise<Count> {
  const [count, last, until] = await client.hmGet(PREFIX + key, ['count', 'last', 'until']);
  const forgottenAt = Number(until ?? 0);
  if (forgottenAt <= now) return NOTHING;
  return { count: Number(count ?? 0), lastAt: Number(last ?? 0), forgottenAt };
}

interface Addition {
  readonly key: string;
  readonly now: number;
  /** When a window that begins now is over. */
  readonly end: number;
  readonly slides: boolean;
}

async function addOne(client: RedisConnection, { key, now, end, slides }: Addition): Promise<Count> {
  const answer = await client.eval(ADD, {
    keys: [PREFIX + key],
    arguments: [String(now), String(end), slides ? '1' : '0'],
  });
  if (!Array.isArray(answer)) throw new TypeError('an addition answers its counter');
  const [count, ends] = answer;
  return { count: Number(count), lastAt: now, forgottenAt: Number(ends) };
}
