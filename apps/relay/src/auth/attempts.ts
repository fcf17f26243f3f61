import type { Username } from '@sotto/protocol';
import type { Clock } from '../clock.ts';
import type { Count, CounterStore } from '../store/counter-store.ts';
import { CLOCKS_APART } from './clocks-apart.ts';
import { networkOf, siteOf } from './network.ts';

/** Who tries to sign in: the name is the caller's claim, the address the socket's. */
interface Attempt {
  readonly username: Username;
  readonly address: string;
}

/** Slows guessing of passwords and codes, without a lock that a stranger could keep shut on somebody else. */
export interface Attempts {
  /** Counts a failure ahead of its result, or answers the seconds to wait: then nothing is counted. */
  begin(attempt: Attempt): Promise<number | undefined>;
  /** A wrong code: another failure of the same attempt. */
  failCode(attempt: Attempt): Promise<void>;
  /** Wrong codes that the next ticket of this name takes. */
  codeTries(username: Username): Promise<number>;
  /** The whole sign-in succeeded: it was no failure after all, and the name is free again from here. */
  succeed(attempt: Attempt): Promise<void>;
}

export interface AttemptsDeps {
  readonly counters: CounterStore;
  readonly clock: Clock;
  /** Failures of one network at one name before it has to wait. */
  readonly freeAttempts: number;
  /** Wrong codes that a ticket takes. */
  readonly codeTries: number;
}

const MINUTE = 60;
const HOUR = 3600;
const LONGEST_WAIT = 900;
/** Failures of one network, whatever the names, before it has to wait. */
const FREE_PER_NETWORK = 30;
/** Failures to one name from everywhere, from which on those who failed there before wait longer. */
const NAME_UNDER_ATTACK = 100;
/** Wrong codes at one name, from which on a ticket of it takes one. */
const CODES_UNDER_ATTACK = 50;
/** Failures of everybody at everybody in a minute, from which on every name counts as under attack. */
const RELAY_UNDER_ATTACK = 1000;

const EVERYBODY = 'attempts';

/**
 * A wait belongs to (name, network) or to a network, never to a name alone: whoever guesses from elsewhere can not keep
 * the owner out. A name under attack, or a relay, only makes waits longer for networks that have already failed there.
 */
export function createAttempts({ counters, clock, freeAttempts, codeTries }: AttemptsDeps): Attempts {
  const isUnderAttack = async (keys: Keys): Promise<boolean> => {
    const limits = [
      [keys.name, NAME_UNDER_ATTACK],
      [keys.codes, CODES_UNDER_ATTACK],
      [EVERYBODY, RELAY_UNDER_ATTACK],
    ] as const;
    const counts = await Promise.all(limits.map(([key]) => counters.read(key, clock())));
    return limits.some(([, limit], i) => (counts[i]?.count ?? 0) >= limit);
  };
  const count = async (keys: Keys): Promise<{ pair: Count; network: Count }> => {
    const now = clock();
    const [pair, network] = await Promise.all([
      counters.add(keys.pair, HOUR, now, 'sliding'),
      counters.add(keys.network, HOUR, now, 'sliding'),
      counters.add(keys.name, HOUR, now),
      counters.add(EVERYBODY, MINUTE, now),
    ]);
    return { pair, network };
  };
  const takeBack = async (keys: Keys): Promise<void> => {
    const counted = [keys.pair, keys.network, keys.name, EVERYBODY];
    await Promise.all(counted.map((key) => counters.takeBack(key)));
  };
  return {
    async begin(attempt) {
      const keys = keysOf(attempt);
      const [underAttack, pair, network] = await Promise.all([
        isUnderAttack(keys),
        counters.read(keys.pair, clock()),
        counters.read(keys.network, clock()),
      ]);
      const free = {
        pair: underAttack ? Math.min(2, freeAttempts) : freeAttempts,
        network: Math.max(FREE_PER_NETWORK, freeAttempts),
      };
      const waitAfter = (pair: Count, network: Count) =>
        Math.max(
          waitOf(pair, free.pair, clock()) * (underAttack ? 4 : 1),
          waitOf(network, free.network, clock()),
        );
      const wait = waitAfter(pair, network);
      if (wait > 0) return wait;
      const after = await count(keys);
      // Of many that looked at the same moment, those that others came before wait as if they had come later.
      const overtaken = (seen: Count, now: Count): Count =>
        now.count > seen.count + 1 ? { ...now, count: now.count - 1 } : { ...seen, count: 0 };
      const late = waitAfter(overtaken(pair, after.pair), overtaken(network, after.network));
      if (late === 0) return undefined;
      await takeBack(keys);
      return late;
    },
    async failCode(attempt) {
      const keys = keysOf(attempt);
      await Promise.all([count(keys), counters.add(keys.codes, HOUR, clock())]);
    },
    async codeTries(username) {
      const { count: wrong } = await counters.read(codesKey(username), clock());
      return wrong >= CODES_UNDER_ATTACK ? 1 : codeTries;
    },
    async succeed(attempt) {
      const keys = keysOf(attempt);
      await Promise.all([
        counters.forget(keys.pair),
        ...[keys.network, keys.name, EVERYBODY].map((key) => counters.takeBack(key)),
      ]);
    },
  };
}

type Keys = ReturnType<typeof keysOf>;

function keysOf({ username, address }: Attempt) {
  const network = networkOf(address);
  return {
    pair: `pair ${username} ${siteOf(address)}`,
    network: `network ${network}`,
    name: `name ${username}`,
    codes: codesKey(username),
  };
}

function codesKey(username: Username): string {
  return `codes ${username}`;
}

/** Seconds left of 1, 2, 4 … 900 after the last failure. One that is yet to come is from before the clock went back. */
function waitOf({ count, lastAt }: Count, free: number, now: number): number {
  if (count < free || lastAt > now + CLOCKS_APART * 1000) return 0;
  const wait = Math.min(2 ** (count - free), LONGEST_WAIT);
  return Math.max(0, Math.ceil((lastAt + wait * 1000 - now) / 1000));
}
