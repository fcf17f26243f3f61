/** A mail that waits to be sent. `sealed`: address and text, under a key of the relay that is not in the store. */
export interface WaitingMail {
  /** 16 random bytes. */
  readonly id: Uint8Array;
  readonly sealed: Uint8Array;
  /** Milliseconds since 1970. */
  readonly dueAt: number;
  /** After this it is worth nothing to anybody. */
  readonly expiresAt: number;
}

/** The queue of outgoing mail: on disk before a request is answered, so that a restart loses none. Rejects with `StoreError`. */
export interface MailStore {
  put(mail: WaitingMail): Promise<void>;
  /**
   * The one that is due longest; it is due again at `again` unless removed. `attempt` counts from 1. Two nodes may in rare
   * races get the same one: a mail twice is better than none.
   */
  take(now: number, again: number): Promise<(WaitingMail & { readonly attempt: number }) | undefined>;
  /** Puts off the next attempt. */
  postpone(id: Uint8Array, dueAt: number): Promise<void>;
  remove(id: Uint8Array): Promise<void>;
  sweep(now: number): Promise<void>;
}
