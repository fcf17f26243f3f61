import { encodeHex } from '@sotto/protocol';
import type { Clock } from '../clock.ts';
import type { SessionId } from '../store/session-store.ts';

/** Pairs of tokens seen in use whose session is open, so that most requests need no look at the store. */
export interface KnownSessions {
  has(session: SessionId, refreshHash: Uint8Array): boolean;
  /** `askedAt`: when the store was asked, which is how far the answer is good. */
  add(session: SessionId, refreshHash: Uint8Array, askedAt: number): void;
  forget(session: SessionId): void;
  forgetAll(): void;
  /** Grows with every session forgotten: whoever asks the store meanwhile sees whether its answer was overtaken. */
  endings(): number;
}

export interface KnownSessionsDeps {
  readonly clock: Clock;
  /** Whether this node hears of every ending at once now. */
  readonly reliable: () => boolean;
  readonly capacity?: number;
}

/** An answer of the store is good so long: a session also ends by its age, which nobody announces. */
const HEARD_MS = 60_000;
/** So long while endings may go unheard. */
const UNHEARD_MS = 1000;

interface Pair {
  readonly hash: string;
  readonly askedAt: number;
}

export function createKnownSessions({
  clock,
  reliable,
  capacity = 50_000,
}: KnownSessionsDeps): KnownSessions {
  const pairsBySession = new Map<string, readonly Pair[]>();
  let endings = 0;
  return {
    has(session, refreshHash) {
      const hash = encodeHex(refreshHash);
      const pair = pairsBySession.get(encodeHex(session))?.find((one) => one.hash === hash);
      if (pair === undefined) return false;
      const age = clock() - pair.askedAt;
      return age >= 0 && age < (reliable() ? HEARD_MS : UNHEARD_MS);
    },
    add(session, refreshHash, askedAt) {
      if (pairsBySession.size >= capacity) pairsBySession.clear();
      const key = encodeHex(session);
      const hash = encodeHex(refreshHash);
      const others = (pairsBySession.get(key) ?? []).filter((one) => one.hash !== hash);
      // The pair in use and the one before, whose access token has not expired.
      pairsBySession.set(key, [{ hash, askedAt }, ...others].slice(0, 2));
    },
    forget(session) {
      endings += 1;
      pairsBySession.delete(encodeHex(session));
    },
    forgetAll() {
      endings += 1;
      pairsBySession.clear();
    },
    endings: () => endings,
  };
}
