import type { SessionId } from '../store/session-store.ts';

/** Sessions that ended on another node, or `missed`: some may have ended unheard, so memory of open ones is worth nothing. */
export type Endings = readonly SessionId[] | 'missed';

/** How the nodes of a relay tell each other that sessions ended. The store has the truth; this is how it is heard in time. */
export interface Revocations {
  /** Tells the other nodes. May resolve late, when they cannot be reached: not to be waited for by a request. */
  publish(sessions: readonly SessionId[]): Promise<void>;
  /** What other nodes tell (a node may hear itself, too). The answer calls it off. */
  subscribe(handler: (endings: Endings) => void): () => void;
  /** Whether this node hears of every ending at once now; if not, memory of open sessions is good for a second only. */
  readonly reliable: () => boolean;
  close(): Promise<void>;
}

/** For the one node of a relay: it ends every session itself. */
export function createLocalRevocations(): Revocations {
  return { publish: async () => {}, subscribe: () => () => {}, reliable: () => true, close: async () => {} };
}

/** For nodes that share a database and nothing else: none hears of another, so each asks the store again and again. */
export function createUnheardRevocations(): Revocations {
  return { ...createLocalRevocations(), reliable: () => false };
}
