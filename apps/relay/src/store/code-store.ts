/** A code somebody was sent, by the id that their ticket names. `hash`: of the code, keyed; the code itself is nowhere. */
export interface NewCode {
  /** 16 random bytes. */
  readonly id: Uint8Array;
  readonly hash: Uint8Array;
  readonly tries: number;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Codes that live for minutes, and marks of what serves once. Shared by all nodes. Rejects with `StoreError`. */
export interface CodeStore {
  /** The same id again takes the place of the one before, with its tries: a code that is sent again. */
  put(code: NewCode): Promise<void>;
  /** Counts one try, before it is known whether it is right: of any number at once, never more than `tries` get the hash. */
  try(id: Uint8Array, now: number): Promise<{ readonly hash: Uint8Array } | undefined>;
  /** True for exactly one caller per id until `expiresAt`, whether or not a code has that id; the code then has no tries. */
  claim(id: Uint8Array, expiresAt: number): Promise<boolean>;
  /** Whether somebody claimed it. */
  isClaimed(id: Uint8Array, now: number): Promise<boolean>;
  /** Drops what expired before `now`. */
  sweep(now: number): Promise<void>;
}
