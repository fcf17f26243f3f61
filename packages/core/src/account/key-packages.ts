import { encodeHex, LIMITS } from '@sotto/protocol';
import type { DeviceIdentity, Mls, OwnKeyPackage } from '../mls/door.ts';
import { collection } from '../store/collections.ts';
import type { SealedStore } from '../store/sealed-store.ts';
import type { Session } from './session.ts';

/** The private halves of published KeyPackages, by ref in hexadecimal. Deleted at first use. */
export const keyPackages = collection<[ref: string], OwnKeyPackage>('key-package');

/** KeyPackages of one upload: few, so that a new device can be reached soon. */
const BATCH = 10;

/** Keeps enough KeyPackages (RFC 9420 §10) at the relay that others can add this device while it is away. */
export interface KeyPackageSupply {
  /** Publishes what is missing. False when the relay could not be reached: call again later. */
  topUp(): Promise<boolean>;
  find(ref: Uint8Array): Promise<OwnKeyPackage | undefined>;
  /** Whether the relay is known to have KeyPackages of this device. */
  isReachable(): boolean;
}

export function createKeyPackageSupply(deps: {
  readonly mls: Mls;
  readonly identity: DeviceIdentity;
  readonly session: Session;
  readonly store: SealedStore;
  /** The first ones are at the relay. */
  readonly published: () => void;
}): KeyPackageSupply {
  const { mls, identity, session, store, published } = deps;
  let under: Promise<boolean> | undefined;
  let reachable = false;

  /** Private halves are on disk before the relay hears of the public ones: a Welcome must find them. */
  async function publish(count: number, lastResort: boolean): Promise<boolean> {
    const oneTime = await mls.generateKeyPackages(identity, count, { lastResort: false });
    const last = lastResort ? await mls.generateKeyPackages(identity, 1, { lastResort: true }) : [];
    const writes = [...oneTime, ...last].map((made) => keyPackages.put([encodeHex(made.ref)], made));
    await store.step(writes);
    const answer = await session.call('publishKeyPackages', {
      body: { oneTime: oneTime.map((made) => made.publicBytes), lastResort: last[0]?.publicBytes },
    });
    return answer.ok;
  }

  async function topUp(): Promise<boolean> {
    const count = await session.call('countKeyPackages', {});
    if (!count.ok) return false;
    const { left, lastResort } = count.value;
    if (lastResort || left > 0) announce();
    if (lastResort && left >= LIMITS.keyPackagesLow) return true;
    return await fillUp(left, lastResort);
  }

  async function fillUp(count: number, hasLastResort: boolean): Promise<boolean> {
    let lastResort = !hasLastResort;
    for (let left = count; left < LIMITS.keyPackagesPerDevice; left += BATCH) {
      const batch = Math.min(BATCH, LIMITS.keyPackagesPerDevice - left);
      if (!(await publish(batch, lastResort))) return false;
      lastResort = false;
      announce();
    }
    return true;
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
    find: (ref) => store.get(keyPackages.key(encodeHex(ref))),
  };
}
