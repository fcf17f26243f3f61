import type { Clock } from '@sotto/core/testing';

/** Time that moves only when the simulation says so. */
export interface VirtualClock extends Clock {
  /** Fires everything due in the next `ms`. */
  advance(ms: number): Promise<void>;
}

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
}

export function createVirtualClock(start: number): VirtualClock {
  let now = start;
  let orders = 0;
  let timers: Timer[] = [];

  function next(): Timer | undefined {
    return timers.reduce<Timer | undefined>(
      (best, timer) =>
        best === undefined || timer.at < best.at || (timer.at === best.at && timer.order < best.order)
          ? timer
          : best,
      undefined,
    );
  }

  function fire(timer: Timer): void {
    timers = timers.filter((other) => other !== timer);
    now = Math.max(now, timer.at);
    timer.callback();
  }

  return {
    now: () => now,
    after(ms, callback) {
      const timer = { at: now + ms, order: orders++, callback };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    async advance(ms) {
      const end = now + ms;
      for (let timer = next(); timer !== undefined && timer.at <= end; timer = next()) {
        fire(timer);
        await rest();
      }
      now = Math.max(now, end);
    },
  };
}

/** Lets everything that can go on without time passing go on: microtasks, the crypto threads' answers, streams. */
export async function rest(rounds = 3): Promise<void> {
  for (let round = 0; round < rounds; round++) await new Promise((resolve) => setImmediate(resolve));
}
