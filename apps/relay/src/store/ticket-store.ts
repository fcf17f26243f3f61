import type { Username } from '@sotto/protocol';

/** What the relay remembers between the two legs of OPAQUE. `state` is secret and short-lived: never on disk. */
export type TicketContent =
  | { readonly leg: 'register'; readonly username: Username }
  | { readonly leg: 'login'; readonly username: Username; readonly state: string };

/** Bounded: when full, the oldest ticket goes, whose owner starts again. */
export interface TicketStore {
  /** Keeps the content until `expiresAt` (milliseconds since 1970). */
  put(ticket: Uint8Array, content: TicketContent, expiresAt: number): Promise<void>;
  /** At most one caller ever gets it; undefined when unknown, used or expired. */
  take(ticket: Uint8Array, now: number): Promise<TicketContent | undefined>;
}
