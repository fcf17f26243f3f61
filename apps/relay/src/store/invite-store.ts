/** An invitation, by the SHA-256 of its 32 random bytes: the link itself is nowhere. */
export interface Invite {
  readonly hash: Uint8Array;
  readonly uses: number;
  readonly used: number;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** Invitations; they are used by `AccountStore.create`. Rejects with `StoreError`. */
export interface InviteStore {
  create(invite: Omit<Invite, 'used'>): Promise<void>;
  /** Whether it has a use left at `now`. */
  isOpen(hash: Uint8Array, now: number): Promise<boolean>;
  list(now: number): Promise<Invite[]>;
  sweep(now: number): Promise<void>;
}
