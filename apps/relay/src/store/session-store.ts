import type { AccountId, DeviceId } from '@sotto/protocol';

/** A session: 16 random bytes. Stands in the access token, so it is no secret by itself. */
export type SessionId = Uint8Array & { readonly __session: true };

/** `refreshHash`: SHA-256 of the refresh token, all that is kept of it; it names the pair. Times: milliseconds since 1970. */
export interface NewSession {
  readonly id: SessionId;
  readonly account: AccountId;
  readonly device: DeviceId;
  readonly refreshHash: Uint8Array;
  readonly openedAt: number;
  /** How long it lives after it was opened or last renewed, milliseconds. */
  readonly lifetime: number;
  /** On somebody else's computer: it lives for minutes, and so does its cookie. */
  readonly shared: boolean;
  /** Whose password was proved: the session opens only while the vault has this version. Undefined asks for none. */
  readonly vaultVersion?: number | undefined;
}

export type OpenSession = Pick<NewSession, 'id' | 'account' | 'device'>;

/** As its owner sees it. */
export interface ListedSession
  extends Omit<NewSession, 'refreshHash' | 'account' | 'lifetime' | 'vaultVersion'> {
  readonly renewedAt: number;
}

export type Rotation =
  | { readonly outcome: 'rotated'; readonly session: OpenSession; readonly shared: boolean }
  /** A token that was settled or void: somebody holds a copy. The session is ended already. */
  | { readonly outcome: 'reused'; readonly session: SessionId }
  | { readonly outcome: 'unknown' };

/**
 * Sessions, each with its current pair of tokens and, until that pair is seen in use, the pair before: the answer that
 * brought the current one may be lost. A pair in use settles the one before; a pair replaced unseen is void.
 * Rejects with `StoreError` when the store fails.
 */
export interface SessionStore {
  /**
   * Opens a session; earlier ones of the same device end with it, and are answered. Where the account was closed or got another
   * password meanwhile nothing opens: its token finds the session over.
   */
  open(session: NewSession): Promise<SessionId[]>;
  /** Whether the session is open at `now`. */
  isOpen(id: SessionId, now: number): Promise<boolean>;
  /** The pair of this hash was seen in use. False when the session is over, or the pair void or none of its own. */
  confirm(id: SessionId, refreshHash: Uint8Array, now: number): Promise<boolean>;
  /** A new pair for the current one, which is seen in use by that, or again for the one before it, while unsettled. */
  rotate(swap: Swap): Promise<Rotation>;
  /** The open sessions of an account, oldest first. */
  list(account: AccountId, now: number): Promise<ListedSession[]>;
  end(id: SessionId): Promise<void>;
  /** Ends all sessions of an account but one, and answers those that were open. */
  endAll(account: AccountId, but: SessionId | undefined): Promise<SessionId[]>;
  /** Drops what expired before `now`. */
  sweep(now: number): Promise<void>;
}

/** Hashes of the refresh token shown and of the one to come. */
export interface Swap {
  readonly shown: Uint8Array;
  readonly next: Uint8Array;
  readonly now: number;
}
