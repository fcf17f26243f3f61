import { type AccountId, type DeviceId, encodeHex, equalBytes } from '@sotto/protocol';
import type { NewSession, SessionId, SessionStore } from '../session-store.ts';

/** The port, and what the other memory stores do to sessions within their own step. */
export interface MemorySessions extends SessionStore {
  openNow(session: NewSession): SessionId[];
  endDeviceNow(account: AccountId, device: DeviceId): SessionId[];
}

export function createMemorySessions(): MemorySessions {
  const byId = new Map<string, NewSession>();
  const idByHash = new Map<string, string>();
  const spent = new Map<string, string>();

  const endNow = (id: string): void => {
    const session = byId.get(id);
    if (session === undefined) return;
    byId.delete(id);
    idByHash.delete(encodeHex(session.refreshHash));
    for (const [hash, owner] of spent) if (owner === id) spent.delete(hash);
  };
  const endDeviceNow = (account: AccountId, device: DeviceId): SessionId[] => {
    const ended = [...byId.values()].filter(
      (session) => equalBytes(session.account, account) && equalBytes(session.device, device),
    );
    for (const session of ended) endNow(encodeHex(session.id));
    return ended.map((session) => session.id);
  };
  const openNow = (session: NewSession): SessionId[] => {
    const ended = endDeviceNow(session.account, session.device);
    byId.set(encodeHex(session.id), session);
    idByHash.set(encodeHex(session.refreshHash), encodeHex(session.id));
    return ended;
  };
  const findOpen = (id: string | undefined, now: number): NewSession | undefined => {
    const session = id === undefined ? undefined : byId.get(id);
    return session !== undefined && session.expiresAt > now ? session : undefined;
  };

  return {
    openNow,
    endDeviceNow,
    open: async (session) => openNow(session),
    isOpen: async (id, now) => findOpen(encodeHex(id), now) !== undefined,
    async rotate(swap) {
      const hash = encodeHex(swap.spent);
      const reused = findOpen(spent.get(hash), swap.now);
      if (reused !== undefined) {
        endNow(encodeHex(reused.id));
        return { outcome: 'reused', session: reused.id };
      }
      const session = findOpen(idByHash.get(hash), swap.now);
      if (session === undefined) return { outcome: 'unknown' };
      const id = encodeHex(session.id);
      idByHash.delete(hash);
      idByHash.set(encodeHex(swap.next), id);
      spent.set(hash, id);
      byId.set(id, { ...session, refreshHash: swap.next, expiresAt: swap.expiresAt });
      return {
        outcome: 'rotated',
        session: { id: session.id, account: session.account, device: session.device },
      };
    },
    end: async (id) => endNow(encodeHex(id)),
    async sweep(now) {
      for (const [id, session] of byId) if (session.expiresAt <= now) endNow(id);
    },
  };
}
