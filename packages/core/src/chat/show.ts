import { createSerial } from '../conversation/serial.ts';
import type { Chat } from './chat.ts';
import type { Clock } from './clock.ts';
import type { Engine } from './engine.ts';
import { createProjection, type MoreState } from './projection.ts';

/** Snapshots for whoever looks on. */
export interface Show {
  readonly snapshot: Chat['snapshot'];
  readonly subscribe: Chat['subscribe'];
  /** Resolves when what stands now is shown. */
  refresh(): Promise<void>;
  /** Something changed: shown soon, together with what changes meanwhile. */
  changed(): void;
}

/** @param failed told when a snapshot could not be made. */
export function createShow(deps: {
  readonly clock: Clock;
  readonly engine: () => Engine | undefined;
  readonly more: () => MoreState;
  readonly failed: (thrown: unknown) => void;
}): Show {
  const { clock, failed } = deps;
  const listeners = new Set<() => void>();
  const projection = createProjection();
  const serial = createSerial();
  let planned = false;
  let notBefore = 0;

  async function update(): Promise<void> {
    const start = clock.now();
    if (await projection.update(deps.engine(), deps.more())) for (const listener of listeners) listener();
    const end = clock.now();
    // At most a third of the time goes into snapshots, however much there is to show.
    notBefore = end + 2 * (end - start);
  }

  function refresh(): Promise<void> {
    return serial.run(update);
  }

  function refreshPlanned(): void {
    serial
      .run(async () => {
        planned = false;
        await update();
      })
      .catch(failed);
  }

  return {
    snapshot: projection.snapshot,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    refresh,
    changed() {
      if (planned) return;
      planned = true;
      const wait = notBefore - clock.now();
      if (wait > 0) clock.after(wait, refreshPlanned);
      else refreshPlanned();
    },
  };
}
