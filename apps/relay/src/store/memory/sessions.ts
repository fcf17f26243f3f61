import { type AccountId, type DeviceId, encodeHex, equalBytes } from '@sotto/protocol';
import type { ListedSession, NewSession, SessionId, SessionStore } from '../session-store.ts';
import type { AccountTable } from './account-table.ts';

/** The port, and what the other memory stores do to sessions within their own step. */
export interface MemorySessions extends SessionStore {
  openNow(session: NewSession): SessionId[];
  listNow(account: AccountId, now: number): ListedSession[];
  endNow(id: SessionId): void;
  endDeviceNow(account: AccountId, device: DeviceId): SessionId[];
  endAllNow(account: AccountId, but: SessionId | undefined): SessionId[];
}

interface Kept extends Omit<NewSession, 'refreshHash' | 'vaultVersion'> {
  /** Hexadecimal hashes; `old` says of each whether it is void. */
  current: string;
  previous: string | undefined;
  readonly old: Map<string, boolean>;
  renewedAt: number;
}

const isOver = (session: Kept, now: number): boolean => session.renewedAt + session.lifetime <= now;

export function createMemorySessions(table: AccountTable): MemorySessions {
  const byId = new Map<string, Kept>();
  const byHash = new Map<string, Kept>();

  const drop = (session: Kept): void => {
    byId.delete(encodeHex(session.id));
    for (const [hash, owner] of byHash) if (owner === session) byHash.delete(hash);
  };
  const endWhere = (isMeant: (session: Kept) => boolean): SessionId[] => {
    const ended = [...byId.values()].filter(isMeant);
    for (const session of ended) drop(session);
    return ended.map((session) => session.id);
  };
  const endDeviceNow = (account: AccountId, device: DeviceId): SessionId[] =>
    endWhere((session) => equalBytes(session.account, account) && equalBytes(session.device, device));
  const endAllNow = (account: AccountId, but: SessionId | undefined): SessionId[] =>
    endWhere((session) => {
      const isKept = but !== undefined && equalBytes(session.id, but);
      return equalBytes(session.account, account) && !isKept;
    });
  const openNow = ({ refreshHash, vaultVersion, ...session }: NewSession): SessionId[] => {
    const ended = endDeviceNow(session.account, session.device);
    const current = encodeHex(refreshHash);
    const kept = { ...session, current, previous: undefined, old: new Map(), renewedAt: session.openedAt };
    byId.set(encodeHex(session.id), kept);
    byHash.set(current, kept);
    return ended;
  };
  const listNow = (account: AccountId, now: number): ListedSession[] =>
    [...byId.values()]
      .filter((session) => equalBytes(session.account, account) && !isOver(session, now))
      .sort((a, b) => a.openedAt - b.openedAt)
      .map(({ id, device, openedAt, renewedAt, shared }) => ({ id, device, openedAt, renewedAt, shared }));
  const endNow = (id: SessionId): void => {
    const session = byId.get(encodeHex(id));
    if (session !== undefined) drop(session);
  };
  const unlessOver = (session: Kept | undefined, now: number): Kept | undefined =>
    session !== undefined && !isOver(session, now) ? session : undefined;
  const settle = (session: Kept): void => {
    if (session.previous !== undefined) session.old.set(session.previous, false);
    session.previous = undefined;
  };

  return {
    openNow,
    listNow,
    endNow,
    endDeviceNow,
    endAllNow,
    open: async (session) => (mayOpen(table, session) ? openNow(session) : []),
    isOpen: async (id, now) => unlessOver(byId.get(encodeHex(id)), now) !== undefined,
    async confirm(id, refreshHash, now) {
      const session = unlessOver(byId.get(encodeHex(id)), now);
      if (session === undefined) return false;
      const hash = encodeHex(refreshHash);
      if (hash === session.current) settle(session);
      return hash === session.current || hash === session.previous || session.old.get(hash) === false;
    },
    async rotate({ shown, next, now }) {
      const hash = encodeHex(shown);
      const session = unlessOver(byHash.get(hash), now);
      if (session === undefined) return { outcome: 'unknown' };
      if (session.old.has(hash)) {
        drop(session);
        return { outcome: 'reused', session: session.id };
      }
      if (hash === session.current) settle(session);
      else session.old.set(session.current, true);
      session.previous = hash;
      session.current = encodeHex(next);
      session.renewedAt = now;
      byHash.set(session.current, session);
      const { id, account, device, shared } = session;
      return { outcome: 'rotated', session: { id, account, device }, shared };
    },
    list: async (account, now) => listNow(account, now),
    end: async (id) => endNow(id),
    endAll: async (account, but) => endAllNow(account, but),
    async sweep(now) {
      for (const session of byId.values()) if (isOver(session, now)) drop(session);
    },
  };
}

/** An account that is not here asks for nothing; one that is over, or has another password by now, opens no session. */
function mayOpen(table: AccountTable, { account, vaultVersion }: NewSession): boolean {
  const kept = table.find(account);
  if (kept === undefined) return true;
  if (kept.credentials === undefined) return false;
  return vaultVersion === undefined || kept.credentials.vaultVersion === vaultVersion;
}
