import type { Clock } from '../../src/chat/clock.ts';

/** Time that stands still until a test moves it. */
export interface ManualClock extends Clock {
  /** Runs what falls due, one by one, letting promises settle in between. */
  advance(ms: number): Promise<void>;
}

export function createManualClock(): ManualClock {
  const timers = new Map<number, { readonly at: number; readonly callback: () => void }>();
  let now = 1_000_000;
  let last = 0;
  return {
    now: () => now,
    after(ms, callback) {
      last += 1;
      const id = last;
      timers.set(id, { at: now + ms, callback });
      return () => void timers.delete(id);
    },
    async advance(ms) {
      const end = now + ms;
      for (;;) {
        await settle();
        const [due] = [...timers].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at);
        if (due === undefined) break;
        timers.delete(due[0]);
        now = Math.max(now, due[1].at);
        due[1].callback();
      }
      now = end;
      await settle();
    },
  };
}

/**
 * Lets everything that is already possible happen: promises, what they post to each other, and cryptography, which runs
 * in threads of its own and is waited for by asking those threads for a little more.
 */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) {
    await Promise.all(Array.from({ length: 4 }, () => crypto.subtle.digest('SHA-256', new Uint8Array(64))));
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}
