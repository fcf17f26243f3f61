import type { Username } from '@sotto/protocol';
import type { Clock } from '../clock.ts';
import { type Count, createCounters } from './counters.ts';
import { networkOf } from './network.ts';

/** Who tries to sign in: the name is the caller's claim, the address the socket's. */
interface Attempt {
  readonly username: Username;
  readonly address: string;
}

/** Slows password guessing, without a lock that a stranger could keep shut on somebody else. */
export interface Attempts {
  /** Counts a failure ahead of its result, or answers the seconds to wait: then nothing is counted. */
  begin(attempt: Attempt): number | undefined;
  /** The attempt was no failure after all: the name is free again from here. */
  succeed(attempt: Attempt): void;
}

const HOUR = 3600;
const LONGEST_WAIT = 900;
/** Failures of one network, whatever the names, before it has to wait. */
const FREE_PER_NETWORK = 30;
/** Failures to one name from everywhere, from which on those who failed there before wait longer. */
const NAME_UNDER_ATTACK = 100;

/**
 * A wait belongs to (name, network) or to a network, never to a name alone: whoever guesses from elsewhere can not keep
 * the owner out. A name under attack only makes waits longer for networks that have already failed there.
 */
export function createAttempts(clock: Clock, freeAttempts: number): Attempts {
  const counters = createCounters(clock);
  const keysOf = ({ username, address }: Attempt) => {
    const network = networkOf(address);
    return { pair: `pair ${username} ${network}`, network: `network ${network}`, name: `name ${username}` };
  };
  return {
    begin(attempt) {
      const keys = keysOf(attempt);
      const underAttack = counters.read(keys.name).count >= NAME_UNDER_ATTACK;
      const free = underAttack ? Math.min(2, freeAttempts) : freeAttempts;
      const wait = Math.max(
        waitOf(counters.read(keys.pair), free, clock()) * (underAttack ? 4 : 1),
        waitOf(counters.read(keys.network), Math.max(FREE_PER_NETWORK, freeAttempts), clock()),
      );
      if (wait > 0) return wait;
      counters.add(keys.pair, HOUR, 'sliding');
      counters.add(keys.network, HOUR, 'sliding');
      counters.add(keys.name, HOUR);
      return undefined;
    },
    succeed(attempt) {
      const keys = keysOf(attempt);
      counters.forget(keys.pair);
      counters.takeBack(keys.network);
      counters.takeBack(keys.name);
    },
  };
}

/** Seconds left of 1, 2, 4 … 900 after the last failure. */
function waitOf({ count, lastAt }: Count, free: number, now: number): number {
  if (count < free) return 0;
  const wait = Math.min(2 ** (count - free), LONGEST_WAIT);
  return Math.max(0, Math.ceil((lastAt + wait * 1000 - now) / 1000));
}
