import { collection } from './collections.ts';
import { type LockProof, unwrapSecret, wrapForPasskey, wrapSecret } from './lock-slots.ts';
import type { LockSlots } from './record-store.ts';
import { importRootKey } from './root-key.ts';
import type { SealedStore } from './sealed-store.ts';

/**
 * The lock of this store, sealed in it: whoever has the store open may change how it is opened. `secret`: what the slots
 * hold, and what the store's keys are derived from; a passkey added later needs it. Nobody has it who has not opened the store.
 */
interface LockRecord {
  readonly minutes: number;
  readonly secret: Uint8Array;
  readonly slots: LockSlots;
}

/** One record while the lock is on. */
const locks = collection<[], LockRecord>('lock');

type Random = (length: number) => Uint8Array<ArrayBuffer>;

/** Minutes without use after which the store is to be locked; undefined: there is no lock. */
export async function lockMinutes(store: SealedStore): Promise<number | undefined> {
  return (await store.get(locks.key()))?.minutes;
}

/**
 * Turns the lock on: a new root secret, everything sealed anew under it, and the secret on the disk only as `passphrase`
 * wraps it. When it is on, the passphrase is another one from now on; its passkeys stay.
 */
export async function setLock(
  store: SealedStore,
  input: { readonly passphrase: string; readonly minutes: number },
  random: Random,
): Promise<void> {
  const { passphrase, minutes } = input;
  const before = await store.get(locks.key());
  const secret = before === undefined ? random(32) : new Uint8Array(before.secret);
  try {
    const slots = await wrapSecret(secret, passphrase, random, before?.slots);
    const writes = [locks.put([], { minutes, secret, slots })];
    if (before === undefined) await store.reseal(await importRootKey(secret), slots, writes);
    else await store.keepRoot(slots, writes);
  } finally {
    secret.fill(0);
  }
}

/** Lets a passkey open the lock, too. False: there is no lock, or the passkey gave nothing to open it with. */
export async function setLockPasskey(
  store: SealedStore,
  passkey: { readonly credential: Uint8Array; readonly prf: Uint8Array },
  random: Random,
): Promise<boolean> {
  const before = await store.get(locks.key());
  if (before === undefined) return false;
  const slots = await wrapForPasskey(before.slots, before.secret, passkey, random);
  if (slots === undefined) return false;
  await store.keepRoot(slots, [locks.put([], { ...before, slots })]);
  return true;
}

/** The key lies open beside the records again. They stay as they are: what is sealed under it was never under another. */
export async function removeLock(store: SealedStore): Promise<void> {
  const before = await store.get(locks.key());
  if (before === undefined) return;
  await store.keepRoot(await importRootKey(new Uint8Array(before.secret)), [locks.remove()]);
}

/** The root key of a locked store, in memory only, or undefined when the proof does not open it. */
export async function openLock(slots: LockSlots, proof: LockProof): Promise<CryptoKey | undefined> {
  const secret = await unwrapSecret(slots, proof);
  if (secret === undefined) return undefined;
  try {
    return await importRootKey(secret);
  } finally {
    secret.fill(0);
  }
}
