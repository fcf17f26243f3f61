import { type AccountId, type DeviceId, encodeHex, equalBytes } from '@sotto/protocol';
import type { NewSession, SessionId, SessionStore } from '../session-store.ts';

/** The port, and what the other memory stores do to sessions within their own step. */
export interface MemorySessions extends SessionStore {
  openNow(session: NewSession): SessionId[];
  endDeviceNow(account: AccountId, device: DeviceId): SessionId[];
}

interface Kept extends Omit<NewSession, 'refreshHash'> {
  /** Hexadecimal hashes; `old` says of each whether it is void. */
  current: string;
  previous: string | undefined;
  readonly old: Map<string, boolean>;
  expiresAt: number;
}

export function createMemorySessions(): MemorySessions {
  const byId = new Map<string, Kept>();
  const byHash = new Map<string, Kept>();

  const endNow = (session: Kept): void => {
    byId.delete(encodeHex(session.id));
    for (const [hash, owner] of byHash) if (owner === session) byHash.delete(hash);
  };
  const endDeviceNow = (account: AccountId, device: DeviceId): SessionId[] => {
    const ended = [...byId.values()].filter(
      (session) => equalBytes(session.account, account) && equalBytes(session.device, device),
    );
    for (const session of ended) endNow(session);
    return ended.map((session) => session.id);
  };
  const openNow = ({ refreshHash, ...session }: NewSession): SessionId[] => {
    const ended = endDeviceNow(session.account, session.device);
    const kept: Kept = { ...session, current: encodeHex(refreshHash), previous: undefined, old: new Map() };
    byId.set(encodeHex(session.id), kept);
    byHash.set(kept.current, kept);
    return ended;
  };
  const unlessExpired = (session: Kept | undefined, now: number): Kept | undefined =>
    session !== undefined && session.expiresAt > now ? session : undefined;
  const settle = (session: Kept): void => {
    if (session.previous !== undefined) session.old.set(session.previous, false);
    session.previous = undefined;
  };

  return {
    openNow,
    endDeviceNow,
    open: async (session) => openNow(session),
    isOpen: async (id, now) => unlessExpired(byId.get(encodeHex(id)), now) !== undefined,
    async confirm(id, refreshHash, now) {
      const session = unlessExpired(byId.get(encodeHex(id)), now);
      if (session === undefined) return false;
      const hash = encodeHex(refreshHash);
      if (hash === session.current) settle(session);
      return hash === session.current || hash === session.previous || session.old.get(hash) === false;
    },
    async rotate({ shown, next, now, expiresAt }) {
      const hash = encodeHex(shown);
      const session = unlessExpired(byHash.get(hash), now);
      if (session === undefined) return { outcome: 'unknown' };
      if (session.old.has(hash)) {
        endNow(session);
        return { outcome: 'reused', session: session.id };
      }
      if (hash === session.current) settle(session);
      else session.old.set(session.current, true);
      session.previous = hash;
      session.current = encodeHex(next);
      session.expiresAt = expiresAt;
      byHash.set(session.current, session);
      const { id, account, device } = session;
      return { outcome: 'rotated', session: { id, account, device } };
    },
    async end(id) {
      const session = byId.get(encodeHex(id));
      if (session !== undefined) endNow(session);
    },
    async sweep(now) {
      for (const session of byId.values()) if (session.expiresAt <= now) endNow(session);
    },
  };
}
