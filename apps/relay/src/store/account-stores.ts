import type { AccountRecordStore } from './account-record-store.ts';
import type { AccountStore } from './account-store.ts';
import type { ChainStore } from './chain-store.ts';
import type { CodeStore } from './code-store.ts';
import type { CounterStore } from './counter-store.ts';
import type { CredentialStore } from './credential-store.ts';
import type { InviteStore } from './invite-store.ts';
import type { KeyPackageStore } from './key-package-store.ts';
import type { MailStore } from './mail-store.ts';
import type { SessionStore } from './session-store.ts';
import type { SignInStore } from './sign-in-store.ts';

/** The stores whose transactions touch each other, so one driver gives them all. */
export interface AccountStores {
  readonly accounts: AccountStore;
  readonly credentials: CredentialStore;
  readonly records: AccountRecordStore;
  readonly chains: ChainStore;
  readonly keyPackages: KeyPackageStore;
  readonly sessions: SessionStore;
  readonly signIns: SignInStore;
  readonly codes: CodeStore;
  readonly mail: MailStore;
  readonly invites: InviteStore;
  readonly counters: CounterStore;
  /** Rejects with `StoreError` unless a write becomes durable now. */
  probe(): Promise<void>;
}
