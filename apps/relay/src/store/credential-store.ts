import type { AccountId } from '@sotto/protocol';
import type { NewStatement } from './chain-store.ts';
import type { NewSession, SessionId } from './session-store.ts';

/** The next credentials of an account. What is undefined stays, but for `recoveryHash`, which goes. */
export interface CredentialChange {
  readonly account: AccountId;
  readonly opaqueRecord: Uint8Array | undefined;
  readonly vault: Uint8Array;
  /** Taken only when the vault has this version; it then has the next one. */
  readonly after: number;
  readonly recoveryHash: Uint8Array | undefined;
  /** Which sessions end: none, all but one, or all; a new one may begin in the same step. */
  readonly endSessions: 'none' | { readonly allBut: SessionId | undefined };
  readonly session: NewSession | undefined;
  /** A `recovery_reset` that goes with it: taken only when the chain ends right before it. */
  readonly statement: NewStatement | undefined;
}

export type CredentialsChanged =
  | { readonly outcome: 'changed'; readonly endedSessions: readonly SessionId[] }
  /** The vault, or the chain, is not where the caller thought: nothing was written. */
  | { readonly outcome: 'vault_conflict' | 'chain_conflict' };

/** Changes what opens accounts. Rejects with `StoreError`. */
export interface CredentialStore {
  /** All of it in one step, durable when answered; a store without transactions finishes what a crash left. */
  change(change: CredentialChange): Promise<CredentialsChanged>;
  /**
   * Ends an account: its last statement is appended, and credentials, records, sessions and KeyPackages go. Name, id and chain
   * stay, so that nobody gets them again and contacts see the end. `chain_conflict` also when it is over already.
   */
  close(statement: NewStatement): Promise<CredentialsChanged>;
  /**
   * Deletion by the operator, who has no key to sign a statement with: like `close`, but the chain ends as it stands. Answers the
   * sessions that were open; none for an account that is unknown or over already.
   */
  erase(account: AccountId): Promise<SessionId[]>;
}
