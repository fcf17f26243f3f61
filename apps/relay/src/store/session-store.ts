import type { AccountId, DeviceId } from '@sotto/protocol';

/** A session: 16 random bytes. Stands in the access token, so it is no secret by itself. */
export type SessionId = Uint8Array & { readonly __session: true };

/** `refreshHash`: SHA-256 of the refresh token, all that is kept of it. `expiresAt`: milliseconds since 1970. */
export interface NewSession {
  readonly id: SessionId;
  readonly account: AccountId;
  readonly device: DeviceId;
  readonly refreshHash: Uint8Array;
  readonly expiresAt: number;
}

export type OpenSession = Pick<NewSession, 'id' | 'account' | 'device'>;

export type Rotation =
  | { readonly outcome: 'rotated'; readonly session: OpenSession }
  /** A token that was used before: somebody holds a copy. The session is ended already. */
  | { readonly outcome: 'reused'; readonly session: SessionId }
  | { readonly outcome: 'unknown' };

/** Rejects with `StoreError` when the store fails. */
export interface SessionStore {
  /** Opens a session; earlier ones of the same device end with it, and are answered. */
  open(session: NewSession): Promise<SessionId[]>;
  /** Whether the session is open at `now`. */
  isOpen(id: SessionId, now: number): Promise<boolean>;
  /** Swaps the refresh token by its hash: of two callers with the same token, one wins, the other ends the session. */
  rotate(swap: {
    readonly spent: Uint8Array;
    readonly next: Uint8Array;
    readonly now: number;
    readonly expiresAt: number;
  }): Promise<Rotation>;
  end(id: SessionId): Promise<void>;
  /** Drops what expired before `now`. */
  sweep(now: number): Promise<void>;
}
