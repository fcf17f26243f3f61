import type { AccountId, User, Username } from '@sotto/protocol';
import type { NewSession } from './session-store.ts';

/** What the relay keeps of an account: no password, nothing it could read the vault with. */
export interface Account extends User {
  /** OPAQUE registration record (RFC 9807 §3.1): useless without the server setup and the password. */
  readonly opaqueRecord: Uint8Array;
  /** Sealed by the client. */
  readonly vault: Uint8Array;
}

export interface NewAccount extends Account {
  /** The chain's first statement and the state it leads to, both verified. */
  readonly statement: Uint8Array;
  readonly chainState: Uint8Array;
  readonly session: NewSession;
}

/** Accounts by name and by id. Both are unique and never change. Rejects with `StoreError` when the store fails. */
export interface AccountStore {
  /** Account, chain and first session together or not at all, durable when answered. */
  create(account: NewAccount): Promise<'created' | 'username_taken' | 'account_taken'>;
  findByName(username: Username): Promise<Account | undefined>;
  findName(account: AccountId): Promise<Username | undefined>;
  /** Names that begin with `prefix` and stand after `after`, in byte order, at most `limit`. */
  list(page: { readonly prefix: string; readonly after: string; readonly limit: number }): Promise<User[]>;
}
