import type { NewSession, SessionId } from './session-store.ts';

/** How an account stood when somebody was let in. */
export interface Grounds {
  /** Whose password was proved: see `Credentials`. */
  readonly vaultVersion: number;
  /** Version of its `proofs` record, 0 without one. */
  readonly proofs: number;
  /** Length of its chain. */
  readonly statements: number;
}

/** All that the last leg of a sign-in writes. */
export interface SignIn {
  readonly session: NewSession;
  readonly grounds: Grounds;
  /** The ticket that was shown, which serves once (see `CodeStore.claim`); undefined when it is claimed already. */
  readonly claim: { readonly id: Uint8Array; readonly expiresAt: number } | undefined;
  /** The next `sign_ins` record of the account, in the place of version `after`. */
  readonly record: { readonly bytes: Uint8Array; readonly after: number };
  /** How many sessions an account may have: beyond, those renewed longest ago end. */
  readonly atMost: number;
}

export type SignInOutcome =
  /** `noted`: false when another record was written first. `ended`: the device's earlier sessions, and those beyond. */
  | { readonly outcome: 'opened'; readonly ended: readonly SessionId[]; readonly noted: boolean }
  /** The account stands otherwise by now, or is over: no session is open. `claimed`: the ticket is taken all the same. */
  | { readonly outcome: 'moved'; readonly ended: readonly SessionId[]; readonly claimed: boolean }
  /** Somebody has used the ticket. */
  | { readonly outcome: 'claimed' };

/** The end of a sign-in. Rejects with `StoreError`. */
export interface SignInStore {
  /**
   * Opens the session while all grounds stand and the ticket is fresh, durable when answered: of any number with one ticket, one. Whoever
   * changes the grounds and then ends the account's sessions, or the device's, leaves none of this. Where the driver has
   * transactions it is one.
   */
  admit(signIn: SignIn): Promise<SignInOutcome>;
}
