import type { SealedWrite } from './collections.ts';
import type { Journal } from './journal.ts';
import { createOverlay, encodeWrite, type PlainWrite } from './plain-write.ts';

/** How long after the last step the journal is folded, so that a used key does not stay on disk. Milliseconds. */
const IDLE = 500;

/** One transaction at a time, in order: a step must not be overtaken by one that builds on it. */
export interface StepQueue {
  step(writes: readonly SealedWrite[]): Promise<void>;
  /** Something else that writes, after the steps that wait; nothing is written meanwhile. */
  alone(work: () => Promise<void>): Promise<void>;
  stop(): void;
}

interface WaitingStep {
  readonly writes: readonly PlainWrite[];
  readonly landed: PromiseWithResolvers<void>;
}

/** @param clock without one the journal is folded by later steps only. */
export function createStepQueue(
  journal: Journal,
  clock: { after(ms: number, callback: () => void): () => void } | undefined,
): StepQueue {
  let waiting: WaitingStep[] = [];
  const works: (() => Promise<void>)[] = [];
  let writing = false;
  let cancelIdle: (() => void) | undefined;

  async function drain(): Promise<void> {
    writing = true;
    cancelIdle?.();
    while (waiting.length > 0 || works.length > 0) {
      await landTogether();
      await works.shift()?.();
    }
    writing = false;
    cancelIdle = clock?.after(IDLE, () => void foldIdle());
  }

  async function landTogether(): Promise<void> {
    const together = waiting;
    waiting = [];
    try {
      // Of many writes of one key only the last is sealed, and state is in every step.
      const last = createOverlay();
      for (const { writes } of together) last.put(writes);
      const writes = last.all();
      if (writes.length > 0) await journal.land(writes);
      for (const step of together) step.landed.resolve();
    } catch (error) {
      for (const step of [...together, ...waiting]) step.landed.reject(error);
      waiting = [];
    }
  }

  async function foldIdle(): Promise<void> {
    if (writing || journal.overlay.all().length === 0) return;
    writing = true;
    // Nobody waits for it: what fails here is done by the next step, or fails there.
    await journal.fold([]).catch(() => undefined);
    writing = false;
    if (waiting.length > 0 || works.length > 0) await drain();
  }

  return {
    step(writes) {
      const step = { writes: writes.map(encodeWrite), landed: Promise.withResolvers<void>() };
      waiting.push(step);
      if (!writing) void drain();
      return step.landed.promise;
    },
    alone(work) {
      const done = Promise.withResolvers<void>();
      works.push(() => work().then(done.resolve, done.reject));
      if (!writing) void drain();
      return done.promise;
    },
    stop() {
      cancelIdle?.();
    },
  };
}
