import type { AccountRecord } from '../account/account-record.ts';
import { AuthenticationUnavailable } from '../contacts/authentication.ts';
import { StoreError } from '../store/record-store.ts';
import type { SealedStore } from '../store/sealed-store.ts';
import type { ChatDeps } from './deps.ts';
import { createEngine, type Engine } from './engine.ts';

/** The engine that runs now, if one does. */
export interface RunningEngine {
  current(): Engine | undefined;
  /** Loads an engine; it does not connect yet. */
  start(store: SealedStore, record: AccountRecord): Promise<Engine>;
  stop(): void;
  /** What nobody waited for went wrong outside of any engine. */
  failed(thrown: unknown): void;
}

export function createRunningEngine(deps: ChatDeps, changed: () => void): RunningEngine {
  let engine: Engine | undefined;

  /** A store that is fenced or closed belongs to another engine now: the one that met it must not go on. */
  function failed(thrown: unknown, of: Engine | undefined): void {
    // A chain out of reach: what asked for it is looked at again when the connection is back.
    if (thrown instanceof AuthenticationUnavailable) return;
    if (!(thrown instanceof StoreError)) deps.report?.(thrown);
    else if (thrown.code !== 'quota') of?.stop();
  }

  return {
    current: () => engine,
    async start(store, record) {
      let mine: Engine | undefined;
      const events = { changed, failed: (thrown: unknown) => failed(thrown, mine) };
      mine = await createEngine(deps, store, record, events);
      engine = mine;
      return mine;
    },
    stop() {
      engine?.stop();
      engine = undefined;
    },
    failed: (thrown) => failed(thrown, engine),
  };
}
