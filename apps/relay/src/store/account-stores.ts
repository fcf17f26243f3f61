import type { AccountStore } from './account-store.ts';
import type { ChainStore } from './chain-store.ts';
import type { KeyPackageStore } from './key-package-store.ts';
import type { SessionStore } from './session-store.ts';

/** The stores whose transactions touch each other, so one driver gives them all. */
export interface AccountStores {
  readonly accounts: AccountStore;
  readonly chains: ChainStore;
  readonly keyPackages: KeyPackageStore;
  readonly sessions: SessionStore;
  /** Rejects with `StoreError` unless a write becomes durable now. */
  probe(): Promise<void>;
}
