import type { AccountId } from '@sotto/protocol';

/**
 * `proofs`: how the owner of an account proves to be it (address, second factors, whether it is disabled). `activity`: names of
 * its devices. `sign_ins`: the last ones.
 */
export type AccountRecordKind = 'proofs' | 'activity' | 'sign_ins';

export interface AccountRecord {
  readonly bytes: Uint8Array;
  /** Counts from 1 with every write. */
  readonly version: number;
}

/** Small records of accounts, changed by compare-and-set. Bytes to the store. Rejects with `StoreError`. */
export interface AccountRecordStore {
  read(account: AccountId, kind: AccountRecordKind): Promise<AccountRecord | undefined>;
  /**
   * Takes the place of version `after` (0: there is none yet), durable when answered. `conflict`: another write was first, or
   * the account is over.
   */
  write(
    account: AccountId,
    kind: AccountRecordKind,
    bytes: Uint8Array,
    after: number,
  ): Promise<'written' | 'conflict'>;
}
