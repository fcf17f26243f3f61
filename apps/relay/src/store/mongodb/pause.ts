import { setTimeout } from 'node:timers/promises';

/** Rounds that a step lost against other processes before it gives up: with its pauses, about ten seconds. */
export const MOST_ATTEMPTS = 100;

const LONGEST_MS = 200;

/** Waits the longer the more often a step lost its race; not at all after the first time. */
export async function pause(attempt: number): Promise<void> {
  if (attempt > 1) await setTimeout(Math.min(2 * attempt, LONGEST_MS));
}
