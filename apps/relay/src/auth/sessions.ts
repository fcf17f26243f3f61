import { createHash } from 'node:crypto';
import { type AccountId, type DeviceId, encodeHex, LIMITS, type Refusal } from '@sotto/protocol';
import type { Clock, Random } from '../clock.ts';
import { refuse } from '../refuse.ts';
import type { NewSession, OpenSession, SessionId, SessionStore } from '../store/session-store.ts';
import type { AccessTokens } from './access-tokens.ts';

/** What a client gets for a session. The refresh token (32 bytes) is a secret that travels in a cookie alone. */
export interface Grant {
  readonly session: OpenSession;
  readonly accessToken: string;
  readonly refreshToken: Uint8Array;
}

export interface Sessions {
  /** A session that is not stored yet, for a transaction that stores it beside other things. */
  prepare(account: AccountId, device: DeviceId): { readonly session: NewSession; grant(): Promise<Grant> };
  /** Opens a session; an earlier one of the same device ends. */
  open(account: AccountId, device: DeviceId): Promise<Grant>;
  /** Swaps a refresh token for a new pair. One that was used before ends the session (RFC 9700 §4.14.2). */
  refresh(refreshToken: Uint8Array): Promise<Grant | Refusal>;
  /** The open session behind an access token. Every route and every socket asks here. */
  authenticate(accessToken: string): Promise<OpenSession | Refusal>;
  isOpen(session: SessionId): Promise<boolean>;
  end(session: SessionId): Promise<void>;
  /** Sessions that another store ended within its own transaction: tells this process and its sockets. */
  announceEnded(sessions: readonly SessionId[]): void;
}

export interface SessionsDeps {
  readonly store: SessionStore;
  readonly tokens: AccessTokens;
  readonly clock: Clock;
  readonly random: Random;
  /** Closes the live sockets of a session. */
  readonly onEnded: (session: SessionId) => void;
}

/** Sessions known to be open, so that most requests need no look at the store. */
const KNOWN_OPEN = 50_000;

export function createSessions({ store, tokens, clock, random, onEnded }: SessionsDeps): Sessions {
  const knownOpen = new Set<string>();
  // Counts endings: an answer of the store that was overtaken by one must not be remembered.
  let endings = 0;

  const announceEnded = (sessions: readonly SessionId[]): void => {
    for (const session of sessions) {
      endings += 1;
      knownOpen.delete(encodeHex(session));
      onEnded(session);
    }
  };
  const grantFor = async (session: OpenSession, refreshToken: Uint8Array): Promise<Grant> => ({
    session: { id: session.id, account: session.account, device: session.device },
    accessToken: await tokens.sign(session),
    refreshToken,
  });
  const prepare: Sessions['prepare'] = (account, device) => {
    const refreshToken = random(32);
    const session: NewSession = {
      id: random(16) as SessionId,
      account,
      device,
      refreshHash: hashToken(refreshToken),
      expiresAt: clock() + LIMITS.refreshTokenSeconds * 1000,
    };
    return { session, grant: () => grantFor(session, refreshToken) };
  };
  const isOpen = async (session: SessionId): Promise<boolean> => {
    const key = encodeHex(session);
    if (knownOpen.has(key)) return true;
    const before = endings;
    const open = await store.isOpen(session, clock());
    if (!open || endings !== before) return open && (await store.isOpen(session, clock()));
    if (knownOpen.size >= KNOWN_OPEN) knownOpen.clear();
    knownOpen.add(key);
    return true;
  };

  return {
    prepare,
    announceEnded,
    isOpen,
    async open(account, device) {
      const { session, grant } = prepare(account, device);
      announceEnded(await store.open(session));
      return grant();
    },
    async refresh(refreshToken) {
      const next = random(32);
      const rotation = await store.rotate({
        spent: hashToken(refreshToken),
        next: hashToken(next),
        now: clock(),
        expiresAt: clock() + LIMITS.refreshTokenSeconds * 1000,
      });
      if (rotation.outcome === 'rotated') return grantFor(rotation.session, next);
      if (rotation.outcome === 'reused') announceEnded([rotation.session]);
      return refuse('session_ended');
    },
    async authenticate(accessToken) {
      const session = await tokens.verify(accessToken);
      if (session === undefined) return refuse('unauthorized');
      return (await isOpen(session.id)) ? session : refuse('session_ended');
    },
    async end(session) {
      await store.end(session);
      announceEnded([session]);
    },
  };
}

/** Refresh tokens are 256 random bits: a plain hash keeps them, and looking one up by it tells nothing by its timing. */
function hashToken(token: Uint8Array): Uint8Array {
  return createHash('sha256').update(token).digest();
}
