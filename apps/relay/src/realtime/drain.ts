import { setTimeout as wait } from 'node:timers/promises';
import type { Connections } from './connections.ts';

/** A connection, and what cuts it. */
export interface Served {
  readonly connection: ReturnType<Connections['connect']>;
  cut(): void;
}

/** Connections cut in a millisecond, so that those who come back at once do not all come at once; more when there are many. */
const CUT_PER_MS = 1;
/** For all of them to be cut. */
const CUT_MS = 4000;
/** For what one of them asked to be answered. */
const ANSWER_MS = 3000;
const STEP_MS = 5;

/**
 * Ends connections one after the other: each is served until it is its turn, then what it asked is answered, then it is cut.
 * Clients come back by themselves after a random while.
 */
export async function drainConnections(all: readonly Served[]): Promise<void> {
  const perMs = Math.max(CUT_PER_MS, all.length / CUT_MS);
  const start = performance.now();
  const endings: Promise<void>[] = [];
  while (endings.length < all.length) {
    const due = Math.ceil((performance.now() - start + 1) * perMs);
    endings.push(...all.slice(endings.length, due).map(end));
    if (endings.length < all.length) await wait(STEP_MS);
  }
  await Promise.all(endings);
}

async function end({ connection, cut }: Served): Promise<void> {
  const hurry = new AbortController();
  await Promise.race([
    connection.finish(),
    wait(ANSWER_MS, undefined, { signal: hurry.signal }).catch(() => {}),
  ]);
  hurry.abort();
  // The last answer leaves in the turn in which it came.
  await new Promise((resolve) => setImmediate(resolve));
  cut();
}
