/** Where a device's process can be interrupted: at every step to its disk and to the relay, on both sides of it. */
export type Step = 'commit' | 'request' | 'http';
type Phase = 'before' | 'after';

/** Called at every step; true kills the process there. */
export type FaultPlan = (step: Step, phase: Phase) => boolean;

/** Kills at the nth step, counted from 0 over both phases. */
export function killAtStep(nth: number): FaultPlan {
  let count = 0;
  return () => count++ === nth;
}

/** A small seeded generator (mulberry32): the same seed gives the same choices, which is all a simulation wants of it. */
export interface Dice {
  /** 0 (inclusive) to 1 (exclusive). */
  roll(): number;
  /** 0 … n − 1. */
  pick(n: number): number;
}

export function createDice(seed: number): Dice {
  let state = seed >>> 0;
  const roll = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { roll, pick: (n) => Math.floor(roll() * n) };
}
