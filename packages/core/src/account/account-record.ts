import type { DeviceIdentity } from '../mls/door.ts';
import { collection } from '../store/collections.ts';
import type { SealedStore } from '../store/sealed-store.ts';

/**
 * Who this device is. `pending`: written before the relay may have been told, so that a crash between its answer and
 * our next write leaves a device that the next sign-in finds in the chain and takes up again.
 */
export interface AccountRecord {
  readonly state: 'pending' | 'active';
  readonly username: string;
  readonly account: Uint8Array;
  readonly device: Uint8Array;
  /** The device's Ed25519 pair: MLS signature key, and signer of its own revocation. The identity key is not here. */
  readonly publicKey: Uint8Array;
  readonly privateKey: Uint8Array;
}

/** One record. */
export const accounts = collection<[], AccountRecord>('account');

/** Undefined on a device that nobody ever signed in on. */
export async function loadAccount(store: SealedStore): Promise<AccountRecord | undefined> {
  return await store.get(accounts.key());
}

/** The account record as MLS wants it. */
export function deviceIdentity(record: AccountRecord): DeviceIdentity {
  return {
    account: record.account,
    device: record.device,
    signatureKey: record.publicKey,
    signaturePrivateKey: record.privateKey,
  };
}
