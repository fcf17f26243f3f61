import { describe, expect, it } from 'vitest';
import { runStorm } from './storm.ts';

/** Set SOTTO_SEEDS to try others; a seed that fails becomes a named test below. */
const SEEDS = (process.env.SOTTO_SEEDS ?? '1,2,3').split(',').map(Number);
const ROUNDS = Number(process.env.SOTTO_ROUNDS ?? 40);

describe('[SYNC3] a storm of dying processes and lost connections', () => {
  for (const seed of SEEDS)
    it(`seed ${seed}`, { timeout: 120_000 }, async () => {
      expect(await runStorm(seed, ROUNDS)).toEqual({
        lost: [],
        doubled: [],
        disordered: false,
        forgotten: [],
        alarms: [],
        changedRetries: [],
        failures: [],
      });
    });
});

describe('[SYNC9] a storm in which both open the conversation at once', () => {
  for (const seed of SEEDS)
    it(`seed ${seed}`, { timeout: 120_000 }, async () => {
      // Two logs: each has one order, the lines of both together need not.
      const { disordered: _, ...report } = await runStorm(seed, ROUNDS, 'both_at_once');
      expect(report).toEqual({
        lost: [],
        doubled: [],
        forgotten: [],
        alarms: [],
        changedRetries: [],
        failures: [],
      });
    });
});
