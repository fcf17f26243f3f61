import { encodeBase64Url } from '@sotto/protocol';
import { loadAccount } from '../account/account-record.ts';
import { openLock } from '../store/app-lock.ts';
import { type LockProof, listPasskeys } from '../store/lock-slots.ts';
import type { LockSlots, RecordStore } from '../store/record-store.ts';
import { createSealedStore, type SealedStore } from '../store/sealed-store.ts';
import { ChatError } from './chat.ts';
import type { ChatDeps } from './deps.ts';

/**
 * Which store this device works on: its own, which may be locked, or for a while one in memory, on a computer that is
 * somebody else's. No two of these calls at once.
 */
export interface DeviceStore {
  /** Opens the device's own store, or finds it locked. */
  open(): Promise<void>;
  /** Throws `not_signed_in` while it is locked: nothing can be said before. */
  current(): SealedStore;
  /** Base64url ids of the passkeys that open it; undefined: it is not locked. */
  locked(): readonly string[] | undefined;
  /** True when the proof opened it. */
  unlock(proof: LockProof): Promise<boolean>;
  /** Lets go of the keys: what is on the disk is all that is left. */
  lock(): Promise<void>;
  /**
   * Where an account that is entered now would be kept. Temporary once, temporary until it is wiped: nothing that began on
   * a shared computer ends on its disk. Throws `blocked` for a temporary one where an account lives already: signing out of
   * it, or opening its lock, is its owner's business.
   */
  storeFor(shared: boolean): Promise<SealedStore>;
  /** The store that `storeFor` gave last is the current one. */
  settle(shared: boolean): void;
  isTemporary(): boolean;
  /** Erases the current store, a locked one too; then the device's own is there, empty or as it was. */
  wipe(): Promise<void>;
  close(): Promise<void>;
}

/** The device's own records, as they were found. */
interface Own {
  readonly records: RecordStore;
  /** Undefined while it is locked. */
  readonly store: SealedStore | undefined;
  readonly slots: LockSlots | undefined;
}

export function createDeviceStore(
  deps: Pick<ChatDeps, 'openRecords' | 'openTemporaryRecords' | 'random' | 'clock'>,
): DeviceStore {
  const { random, clock } = deps;
  let own: Own | undefined;
  /** In memory: prepared for a sign-in, and current once that succeeded. */
  let temporary: SealedStore | undefined;
  let isTemporary = false;

  async function open(): Promise<void> {
    const records = await deps.openRecords();
    const root = await records.rootKey();
    own =
      root instanceof Uint8Array
        ? { records, store: undefined, slots: root }
        : { records, store: await createSealedStore(records, random, clock), slots: undefined };
  }

  function current(): SealedStore {
    const store = isTemporary ? temporary : own?.store;
    if (store === undefined) throw new ChatError('not_signed_in');
    return store;
  }

  async function storeFor(shared: boolean): Promise<SealedStore> {
    if (isTemporary || !shared) return current();
    if ((await loadAccount(current()))?.state === 'active') throw new ChatError('blocked');
    temporary ??= await createSealedStore(await deps.openTemporaryRecords(), random, clock);
    return temporary;
  }

  async function closeOwn(): Promise<void> {
    const { store, records } = own ?? {};
    own = undefined;
    await (store ?? records)?.close();
  }

  async function wipe(): Promise<void> {
    if (isTemporary) {
      const store = temporary;
      temporary = undefined;
      isTemporary = false;
      await store?.wipe();
      return;
    }
    await (own?.store ?? own?.records)?.wipe();
    await open();
  }

  return {
    open,
    current,
    locked() {
      if (isTemporary) return undefined;
      // Not open, and not found locked: between the two.
      if (own === undefined) return [];
      return own.slots === undefined ? undefined : listPasskeys(own.slots).map(encodeBase64Url);
    },
    async unlock(proof) {
      if (own === undefined) await open();
      if (own?.slots === undefined) return true;
      const { records, slots } = own;
      const root = await openLock(slots, proof);
      if (root === undefined) return false;
      own = { records, store: await createSealedStore(records, random, clock, root), slots: undefined };
      return true;
    },
    async lock() {
      await closeOwn();
      await open();
    },
    storeFor,
    settle(shared) {
      if (shared && temporary !== undefined) isTemporary = true;
      else if (!isTemporary) temporary = undefined;
    },
    isTemporary: () => isTemporary,
    wipe,
    async close() {
      temporary = undefined;
      await closeOwn();
    },
  };
}
