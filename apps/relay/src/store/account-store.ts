import type { AccountId, User, Username } from '@sotto/protocol';
import type { NewSession } from './session-store.ts';

/** What opens an account. All of it is sealed by the client or useless without the password. */
export interface Credentials {
  /** OPAQUE registration record (RFC 9807 §3.1): useless without the server setup and the password. */
  readonly opaqueRecord: Uint8Array;
  readonly vault: Uint8Array;
  /** How often the vault was replaced. */
  readonly vaultVersion: number;
  /** SHA-256 of the proof that the recovery key gives; undefined when there is none. */
  readonly recoveryHash: Uint8Array | undefined;
}

/** What the relay keeps of an account: no password, nothing it could read the vault with. */
export interface Account extends User, Credentials {}

export interface NewAccount extends User {
  readonly opaqueRecord: Uint8Array;
  readonly vault: Uint8Array;
  /** The chain's first statement and the state it leads to, both verified. */
  readonly statement: Uint8Array;
  readonly chainState: Uint8Array;
  readonly session: NewSession;
  /** First `proofs` record of the account (see AccountRecordStore): its proved address. */
  readonly proofs: Uint8Array | undefined;
  /** SHA-256 of an invitation, one use of which goes with this account, in the same step. */
  readonly invite: Uint8Array | undefined;
}

/**
 * Accounts by name and by id. Both are unique and never change; a closed account keeps both, and is found by neither
 * `findByName` nor `find`. Rejects with `StoreError` when the store fails.
 */
export interface AccountStore {
  /** Account, chain, first session and the use of the invitation together or not at all, durable when answered. */
  create(
    account: NewAccount,
    now: number,
  ): Promise<'created' | 'username_taken' | 'account_taken' | 'invite_invalid'>;
  findByName(username: Username): Promise<Account | undefined>;
  find(account: AccountId): Promise<Account | undefined>;
  /** Also of a closed account: its contacts still show a name. */
  findName(account: AccountId): Promise<Username | undefined>;
  /** Names that begin with `prefix` and stand after `after`, in byte order, at most `limit`. Without closed accounts. */
  list(page: { readonly prefix: string; readonly after: string; readonly limit: number }): Promise<User[]>;
}
