import { encodeHex } from '@sotto/protocol';
import type { SessionId } from '../store/session-store.ts';

/** Pairs of tokens seen in use whose session is open, so that most requests need no look at the store. */
export interface KnownSessions {
  has(session: SessionId, refreshHash: Uint8Array): boolean;
  add(session: SessionId, refreshHash: Uint8Array): void;
  forget(session: SessionId): void;
  /** Grows with every session forgotten: whoever asks the store meanwhile sees whether its answer was overtaken. */
  endings(): number;
}

/** Complete for one process, which hears of every ending. */
export function createKnownSessions(capacity = 50_000): KnownSessions {
  const hashesBySession = new Map<string, string[]>();
  let endings = 0;
  return {
    has: (session, refreshHash) =>
      hashesBySession.get(encodeHex(session))?.includes(encodeHex(refreshHash)) === true,
    add(session, refreshHash) {
      if (hashesBySession.size >= capacity) hashesBySession.clear();
      const before = hashesBySession.get(encodeHex(session)) ?? [];
      // The pair in use and the one before, whose access token has not expired.
      hashesBySession.set(encodeHex(session), [encodeHex(refreshHash), ...before].slice(0, 2));
    },
    forget(session) {
      endings += 1;
      hashesBySession.delete(encodeHex(session));
    },
    endings: () => endings,
  };
}
