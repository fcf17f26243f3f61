import { encodeHex } from '@sotto/protocol';
import type { TicketContent, TicketStore } from '../ticket-store.ts';

/** Tickets of one process, also beside SQLite: what a restart loses lasts a minute, and login state stays off the disk. */
export function createMemoryTickets(capacity = 10_000): TicketStore {
  const kept = new Map<string, { content: TicketContent; expiresAt: number }>();
  return {
    async put(ticket, content, expiresAt) {
      kept.set(encodeHex(ticket), { content, expiresAt });
      if (kept.size <= capacity) return;
      for (const oldest of kept.keys()) {
        kept.delete(oldest);
        return;
      }
    },
    async take(ticket, now) {
      const key = encodeHex(ticket);
      const found = kept.get(key);
      kept.delete(key);
      return found !== undefined && found.expiresAt > now ? found.content : undefined;
    },
  };
}
