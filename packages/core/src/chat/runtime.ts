import { loadAccount } from '../account/account-record.ts';
import type { Enrolled } from '../account/take-up.ts';
import { AuthenticationUnavailable } from '../contacts/authentication.ts';
import { StoreError } from '../store/record-store.ts';
import { createSealedStore, type SealedStore } from '../store/sealed-store.ts';
import { type Chat, ChatError } from './chat.ts';
import type { ChatDeps } from './deps.ts';
import { createEngine, type Engine } from './engine.ts';
import type { MoreState } from './projection.ts';
import { createShow } from './show.ts';

/** The one mutable thing: which engine runs on which store. */
export interface Runtime {
  start(): Promise<void>;
  close(): Promise<void>;
  store(): SealedStore;
  /** Throws `not_signed_in`. */
  engine(): Engine;
  running(): Engine | undefined;
  /** The store that a sign-in works on: this device's, or, on somebody else's computer, one that ends with this process. */
  storeFor(shared: boolean): Promise<SealedStore>;
  /** Takes up a device that was enrolled on `storeFor(shared)`, and connects. */
  takeUp(enrolled: Enrolled, shared: boolean): Promise<void>;
  /** Stops the engine, erases the store and opens an empty one. */
  wipe(): Promise<void>;
  changed(): void;
  snapshot: Chat['snapshot'];
  subscribe: Chat['subscribe'];
}

export function createRuntime(deps: ChatDeps): Runtime {
  const more: { -readonly [Name in keyof MoreState]: MoreState[Name] } = {
    starting: true,
    storagePersisted: false,
    relay: undefined,
    shared: false,
    lockMinutes: undefined,
    locked: undefined,
  };
  let store: SealedStore | undefined;
  let engine: Engine | undefined;
  const show = createShow({ clock: deps.clock, engine: () => engine, more: () => more, failed });
  const { changed, refresh } = show;

  /** A store that is fenced or closed belongs to another engine now: this one must not go on. */
  function failed(thrown: unknown): void {
    // A chain out of reach: what asked for it is looked at again when the connection is back.
    if (thrown instanceof AuthenticationUnavailable) return;
    if (!(thrown instanceof StoreError)) deps.report?.(thrown);
    else if (thrown.code !== 'quota') engine?.stop();
  }

  async function askRelay(): Promise<void> {
    const about = await deps.http.call('about', {});
    if (!about.ok) return;
    const { directory, registration, mail, emailRequired } = about.value;
    more.relay = { directory, registration, mail, emailRequired };
    changed();
  }

  async function openStore(): Promise<void> {
    store = await createSealedStore(await deps.openRecords(), deps.random, deps.clock);
  }

  const runtime: Runtime = {
    async start() {
      await openStore();
      const record = await loadAccount(runtime.store());
      if (record?.state === 'active') {
        engine = await createEngine(deps, runtime.store(), record, { changed, failed });
        engine.connection.start();
      }
      more.storagePersisted = await deps.persistStorage().catch(() => false);
      more.starting = false;
      void askRelay().catch(() => undefined);
      await refresh();
    },
    async close() {
      engine?.stop();
      await store?.close();
    },
    store() {
      if (store === undefined) throw new ChatError('internal');
      return store;
    },
    engine() {
      if (engine === undefined) throw new ChatError('not_signed_in');
      return engine;
    },
    running: () => engine,
    storeFor: async () => runtime.store(),
    async takeUp({ record, session }, shared) {
      engine?.stop();
      more.shared = shared;
      engine = await createEngine(deps, runtime.store(), record, { changed, failed });
      engine.session.adopt(session);
      engine.connection.start();
      await refresh();
    },
    async wipe() {
      engine?.stop();
      engine = undefined;
      await runtime.store().wipe();
      await openStore();
      await refresh();
    },
    changed,
    snapshot: show.snapshot,
    subscribe: show.subscribe,
  };
  return runtime;
}
