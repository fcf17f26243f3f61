import { ChatError } from './chat.ts';
import type { Engine } from './engine.ts';

/** What one verb began and another one ends, for the engine that began it: signing out forgets it. In memory alone. */
export interface PendingStep<T> {
  put(engine: Engine, value: T): void;
  /** Throws `attempt_over` when nothing was begun. */
  get(engine: Engine): T;
  drop(engine: Engine): void;
}

export function createPendingStep<T>(): PendingStep<T> {
  const byEngine = new WeakMap<Engine, { readonly value: T }>();
  return {
    put: (engine, value) => void byEngine.set(engine, { value }),
    get(engine) {
      const found = byEngine.get(engine);
      if (found === undefined) throw new ChatError('attempt_over');
      return found.value;
    },
    drop: (engine) => void byEngine.delete(engine),
  };
}
