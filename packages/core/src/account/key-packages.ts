import { encodeHex, LIMITS } from '@sotto/protocol';
import type { Clock } from '../chat/clock.ts';
import type { DeviceIdentity, Mls, OwnKeyPackage } from '../mls/door.ts';
import type { SealedStore } from '../store/sealed-store.ts';
import { createKeyPackageShelf, DAY_MS, keyPackages } from './key-package-shelf.ts';
import { createKeyPackageUploads } from './key-package-uploads.ts';
import type { Session } from './session.ts';

export { keyPackages };

/** KeyPackages of one upload: few, so that a new device can be reached soon. */
const BATCH = 10;

const HOUR_MS = 3600 * 1000;

/** A set is renewed at this age: a device that is away for 56 days after it can still be written to (MLS30). */
const RENEW_MS = 28 * DAY_MS;

/** Keeps enough KeyPackages (RFC 9420 §10) at the relay that others can add this device while it is away. */
export interface KeyPackageSupply {
  /**
   * Publishes what is missing, or a new set in the place of an old one; call it at start, daily, and when the relay says
   * that few are left. False when the relay could not be reached: call again later.
   */
  topUp(): Promise<boolean>;
  find(ref: Uint8Array): Promise<OwnKeyPackage | undefined>;
  /** Whether the relay is known to have KeyPackages of this device. */
  isReachable(): boolean;
}

/**
 * The relay says how many are left, and may lie: what it can bring about is one filling an hour, and no more private
 * halves on disk than the shelf has room for. Age goes by this device's clock alone.
 */
export function createKeyPackageSupply(deps: {
  readonly mls: Mls;
  readonly identity: DeviceIdentity;
  readonly session: Session;
  readonly store: SealedStore;
  readonly clock: Clock;
  /** The first ones are at the relay. */
  readonly published: () => void;
}): KeyPackageSupply {
  const { mls, identity, session, store, clock, published } = deps;
  const shelf = createKeyPackageShelf(store, clock.now);
  const uploads = createKeyPackageUploads({ mls, identity, session, shelf });
  let under: Promise<boolean> | undefined;
  let reachable = false;
  let sweptAt: number | undefined;

  async function topUp(): Promise<boolean> {
    if (!(await renewOld())) return false;
    await sweepDaily();
    const count = await session.call('countKeyPackages', {});
    if (!count.ok) return false;
    const { left, lastResort } = count.value;
    // A relay that says it has none must not make us keep one more each time.
    if (!lastResort && (await uploads.repeatLastResort()) !== 'sent') return false;
    announce();
    return left >= LIMITS.keyPackagesLow || (await fillUp(left));
  }

  /** The first batch takes the place of the old set; the others follow as they do on a new device. */
  async function renewOld(): Promise<boolean> {
    const { madeAt, pending } = await shelf.published();
    if (!isDue(madeAt)) return true;
    if (pending?.replace !== true || isDue(pending.madeAt)) await uploads.begin(BATCH);
    if ((await uploads.send()) !== 'sent') return false;
    announce();
    return true;
  }

  async function fillUp(count: number): Promise<boolean> {
    if (isWithin((await shelf.published()).filledAt, HOUR_MS)) return true;
    for (let left = count; left < LIMITS.keyPackagesPerDevice; left += BATCH) {
      const wanted = Math.min(BATCH, LIMITS.keyPackagesPerDevice - left);
      const outcome = await addSome(wanted);
      if (outcome === 'failed') return false;
      if (outcome === 'full') break;
    }
    await shelf.settle({ ...(await shelf.published()), filledAt: clock.now() });
    return true;
  }

  /** What may have got lost on its way goes first. `full` on this side, too: there is no room for more. */
  async function addSome(wanted: number): Promise<'sent' | 'full' | 'failed'> {
    const { pending } = await shelf.published();
    if (pending === undefined && !(await uploads.add(wanted))) return 'full';
    return await uploads.send();
  }

  async function sweepDaily(): Promise<void> {
    if (sweptAt !== undefined && isWithin(sweptAt, DAY_MS)) return;
    await shelf.sweep();
    sweptAt = clock.now();
  }

  /** Too old, or made by a clock that was more than a day ahead: others would find it outside its lifetime. */
  function isDue(madeAt: number): boolean {
    const age = clock.now() - madeAt;
    return age >= RENEW_MS || age < -DAY_MS;
  }

  /** A time in the future is that of a clock that was set back: not within. */
  function isWithin(time: number, span: number): boolean {
    const age = clock.now() - time;
    return age >= 0 && age < span;
  }

  function announce(): void {
    if (reachable) return;
    reachable = true;
    published();
  }

  return {
    async topUp() {
      under ??= topUp().finally(() => {
        under = undefined;
      });
      return await under;
    },
    isReachable: () => reachable,
    find: async (ref) => (await shelf.findAll([encodeHex(ref)]))[0],
  };
}
