import { decodeCbor, encodeCbor, LIMITS } from '@sotto/protocol';
import { z } from 'zod';
import type { Clock, Random } from '../clock.ts';
import type { CodeStore } from '../store/code-store.ts';
import type { RelayKeys } from './relay-keys.ts';
import { TICKETS, type TicketContent, type TicketKind } from './ticket-content.ts';

/** A ticket that was opened. `id`: 16 random bytes; codes and tries are bound to it. */
export interface OpenTicket<K extends TicketKind> {
  readonly id: Uint8Array;
  readonly content: TicketContent<K>;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/**
 * Joins the steps of one attempt without remembering any: a ticket is sealed by the relay, carried by the client, and good on
 * every node that has the relay's key. What a client shows is anybody's bytes.
 */
export interface Tickets {
  seal<K extends TicketKind>(kind: K, content: TicketContent<K>, seconds: number): SealedTicket;
  /** Undefined unless it was sealed here, for this purpose, and is not too old. May have served: see `isUsed`. */
  open<K extends TicketKind>(kind: K, ticket: Uint8Array): OpenTicket<K> | undefined;
  /** The content, for one caller ever. */
  take<K extends TicketKind>(kind: K, ticket: Uint8Array): Promise<TicketContent<K> | undefined>;
  /** Marks an open ticket as used; false when it was. */
  use(ticket: OpenTicket<TicketKind>): Promise<boolean>;
  isUsed(ticket: OpenTicket<TicketKind>): Promise<boolean>;
}

interface SealedTicket {
  readonly id: Uint8Array;
  readonly ticket: Uint8Array;
  readonly expiresAt: number;
}

export interface TicketsDeps {
  readonly keys: RelayKeys;
  readonly codes: CodeStore;
  readonly clock: Clock;
  readonly random: Random;
}

const envelope = z.strictObject({ id: z.instanceof(Uint8Array), end: z.int(), content: z.unknown() });

export function createTickets({ keys, codes, clock, random }: TicketsDeps): Tickets {
  const open: Tickets['open'] = (kind, ticket) => {
    const plain = keys.open(`ticket ${kind}`, ticket);
    if (plain === undefined) return undefined;
    const outer = envelope.safeParse(decodeCbor(plain, LIMITS.ticket));
    if (!outer.success || outer.data.end <= clock()) return undefined;
    const content = TICKETS[kind].safeParse(outer.data.content);
    if (!content.success) return undefined;
    // The table pairs each kind with its content; the compiler cannot follow that through a generic key.
    return {
      id: outer.data.id,
      content: content.data as TicketContent<typeof kind>,
      expiresAt: outer.data.end,
    };
  };
  const use: Tickets['use'] = ({ id, expiresAt }) => codes.claim(id, expiresAt);
  return {
    open,
    use,
    isUsed: ({ id }) => codes.isClaimed(id, clock()),
    seal(kind, content, seconds) {
      const id = random(16);
      const expiresAt = clock() + seconds * 1000;
      const ticket = keys.seal(`ticket ${kind}`, encodeCbor({ id, end: expiresAt, content }));
      if (ticket.length > LIMITS.ticket) throw new Error('ticket is longer than the protocol allows');
      return { id, ticket, expiresAt };
    },
    async take(kind, ticket) {
      const opened = open(kind, ticket);
      if (opened === undefined || !(await use(opened))) return undefined;
      return opened.content;
    },
  };
}
