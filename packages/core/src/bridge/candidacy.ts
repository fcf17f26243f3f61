import type { EngineLock, HeldLock } from './tab-ports.ts';

/** One tab's claim on the engine's lock: in line for it, or taking it. */
export interface Candidacy {
  standInLine(): void;
  /** Takes the lock from whoever holds it. */
  seize(): void;
  /** Leaves the line, or gives the lock to the next in it. */
  withdraw(): void;
}

export function createCandidacy(lock: EngineLock, on: { lead(): void; lost(): void }): Candidacy {
  /** Only the newest attempt counts: a grant may be on its way while the tab already tries another way. */
  let newest = 0;
  let seizing = false;
  let line = new AbortController();
  let held: HeldLock | undefined;

  async function attempt(steal: boolean): Promise<void> {
    newest += 1;
    const mine = newest;
    let lost = false;
    line.abort();
    line = new AbortController();
    const onLost = () => {
      lost = true;
      if (mine !== newest || held === undefined) return;
      held = undefined;
      on.lost();
    };
    try {
      const granted = await lock.take({ steal, onLost, signal: line.signal });
      if (mine !== newest) return granted.release();
      seizing = false;
      if (lost) return void attempt(false);
      held = granted;
      on.lead();
    } catch {
      // Aborted by a newer attempt, or the browser refused to steal: then wait like everybody else.
      if (mine !== newest) return;
      seizing = false;
      if (steal) void attempt(false);
    }
  }

  return {
    standInLine: () => void attempt(false),
    seize() {
      if (seizing || held !== undefined) return;
      seizing = true;
      void attempt(true);
    },
    withdraw() {
      newest += 1;
      line.abort();
      held?.release();
      held = undefined;
    },
  };
}
