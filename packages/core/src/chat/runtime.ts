import { loadAccount } from '../account/account-record.ts';
import { leaveAccount } from '../account/leave.ts';
import type { Enrolled } from '../account/take-up.ts';
import { createSerial } from '../conversation/serial.ts';
import { lockMinutes } from '../store/app-lock.ts';
import type { LockProof } from '../store/lock-slots.ts';
import type { SealedStore } from '../store/sealed-store.ts';
import type { RelayView } from './account-verbs.ts';
import { type Chat, ChatError } from './chat.ts';
import type { ChatDeps } from './deps.ts';
import { createDeviceStore, type DeviceStore } from './device-store.ts';
import type { Engine } from './engine.ts';
import { createIdleLock, type IdleLock } from './idle-lock.ts';
import { createRunningEngine } from './running-engine.ts';
import { createShow } from './show.ts';
import { createSurroundings } from './surroundings.ts';

/** The one mutable thing: which engine runs on which store. */
export interface Runtime {
  start(): Promise<void>;
  /** A guest's keys end here: it leaves the chain too, if there is time left. Nobody waits for that. */
  close(): Promise<void>;
  /** Throws `not_signed_in` while the device is locked. */
  store(): SealedStore;
  /** Throws `not_signed_in`. */
  engine(): Engine;
  running(): Engine | undefined;
  /** The store that a sign-in works on: this device's, or, on somebody else's computer, one that ends with this process. */
  storeFor(shared: boolean): Promise<SealedStore>;
  /** Whether this is a shared computer, where nothing is kept. */
  isShared(): boolean;
  /** Takes up a device that was enrolled on `storeFor(shared)`, and connects. */
  takeUp(enrolled: Enrolled, shared: boolean): Promise<void>;
  /** Stops the engine and erases the store, a locked one too; an empty one is there afterwards. */
  wipe(): Promise<void>;
  /** Changes the lock of this device's store; nothing locks or unlocks meanwhile. */
  changeLock(change: (store: SealedStore) => Promise<void>): Promise<void>;
  /** Stops the engine and drops its keys. Throws `not_found` where there is no lock. */
  lock(): Promise<void>;
  /** Opens the store and goes on. Throws `lock_wrong`. */
  unlock(proof: LockProof): Promise<void>;
  noteActivity(): void;
  /** What the relay says of itself, asked again while it is unknown. */
  askRelay(): Promise<RelayView | undefined>;
  changed(): void;
  snapshot: Chat['snapshot'];
  subscribe: Chat['subscribe'];
}

export function createRuntime(deps: ChatDeps): Runtime {
  const device = createDeviceStore(deps);
  /** Which store and which engine: one change at a time. */
  const serial = createSerial();
  const engines = createRunningEngine(deps, () => show.changed());
  const surroundings = createSurroundings(deps, () => show.changed());
  const idle = createIdleLock(deps.clock, () => void lock().catch(engines.failed));
  const show = createShow({
    clock: deps.clock,
    engine: engines.current,
    more: () => ({ ...surroundings.seen(), ...standing(device, idle) }),
    failed: engines.failed,
  });

  function stop(): void {
    engines.stop();
    idle.arm(undefined);
  }

  async function readLock(): Promise<void> {
    idle.arm(device.isTemporary() ? undefined : await lockMinutes(device.current()));
  }

  /** Goes on with the account that the store holds, if there is one and the store is open. */
  async function resume(): Promise<void> {
    if (device.locked() !== undefined) return;
    const record = await loadAccount(device.current());
    if (record?.state === 'active') (await engines.start(device.current(), record)).connection.start();
    await readLock();
  }

  /** Shown when it resolves. */
  async function change(work: () => Promise<void>): Promise<void> {
    await serial.run(work);
    await show.refresh();
  }

  async function lock(): Promise<void> {
    await change(async () => {
      if (device.locked() !== undefined) return;
      if ((await lockMinutes(device.current())) === undefined) throw new ChatError('not_found');
      stop();
      await device.lock();
      await resume();
    });
  }

  return {
    async start() {
      await device.open();
      await resume();
      await surroundings.look();
      await show.refresh();
    },
    async close() {
      const guest = device.isTemporary() ? engines.current() : undefined;
      stop();
      surroundings.stop();
      if (guest !== undefined) void leaveAccount(guest).catch(() => undefined);
      await device.close();
    },
    store: device.current,
    engine() {
      const engine = engines.current();
      if (engine === undefined) throw new ChatError('not_signed_in');
      return engine;
    },
    running: engines.current,
    storeFor: device.storeFor,
    isShared: device.isTemporary,
    takeUp: ({ record, session }, shared) =>
      change(async () => {
        stop();
        device.settle(shared);
        const engine = await engines.start(device.current(), record);
        engine.session.adopt(session);
        engine.notices.signedIn();
        engine.connection.start();
        await readLock();
      }),
    wipe: () =>
      change(async () => {
        stop();
        await device.wipe();
        await resume();
      }),
    changeLock: (work) =>
      change(async () => {
        await work(device.current());
        await readLock();
      }),
    lock,
    unlock: (proof) =>
      change(async () => {
        if (!(await device.unlock(proof))) throw new ChatError('lock_wrong');
        if (engines.current() === undefined) await resume();
      }),
    noteActivity: idle.noteActivity,
    askRelay: surroundings.askAgain,
    changed: show.changed,
    snapshot: show.snapshot,
    subscribe: show.subscribe,
  };
}

function standing(device: DeviceStore, idle: IdleLock) {
  return { shared: device.isTemporary(), lockMinutes: idle.minutes(), locked: device.locked() };
}
