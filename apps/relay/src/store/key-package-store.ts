import type { AccountId, DeviceId } from '@sotto/protocol';

export interface Upload {
  readonly account: AccountId;
  readonly device: DeviceId;
  readonly oneTime: readonly Uint8Array[];
  /** Replaces the one before; undefined leaves it. */
  readonly lastResort: Uint8Array | undefined;
  /** Takes earlier one-time ones that are not in this upload off the shelf, as if they had been claimed. */
  readonly replace?: boolean | undefined;
}

export interface ClaimedKeyPackage {
  readonly device: DeviceId;
  readonly keyPackage: Uint8Array;
  readonly lastResort: boolean;
  /** One-time KeyPackages that the device has left. */
  readonly left: number;
}

/** KeyPackages (RFC 9420 §10): bytes to the relay. Rejects with `StoreError` when the store fails. */
export interface KeyPackageStore {
  /**
   * Adds what was never uploaded before, so that a retry cannot bring a claimed one back. `full`: the device would hold
   * more than `LIMITS.keyPackagesPerDevice` one-time ones, and nothing was added. What an upload replaces goes in the same
   * transaction; a store without transactions adds first, so that a device is never without, and a retry ends the rest.
   */
  publish(upload: Upload): Promise<'published' | 'full'>;
  count(account: AccountId, device: DeviceId): Promise<{ left: number; lastResort: boolean }>;
  /** One of each device that has any: the oldest one-time one, never given out again, else the last resort. */
  claim(account: AccountId, devices: readonly DeviceId[]): Promise<ClaimedKeyPackage[]>;
}
