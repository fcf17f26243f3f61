import { createHash } from 'node:crypto';
import { type AccountId, type DeviceId, LIMITS, type Refusal } from '@sotto/protocol';
import type { Clock, Random } from '../clock.ts';
import { refuse } from '../refuse.ts';
import type { NewSession, OpenSession, SessionId, SessionStore } from '../store/session-store.ts';
import type { AccessTokens, NamedPair } from './access-tokens.ts';
import { createKnownSessions } from './known-sessions.ts';

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
  /**
   * Swaps a refresh token for a new pair. Because that answer may be lost, the token serves again until the new pair is
   * seen in use, and then the unseen pair is void. Any other old token ends the session (RFC 9700 §4.14.2): of an owner
   * and a thief, whoever comes second is caught.
   */
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

export function createSessions({ store, tokens, clock, random, onEnded }: SessionsDeps): Sessions {
  const known = createKnownSessions();

  const announceEnded = (sessions: readonly SessionId[]): void => {
    for (const session of sessions) {
      known.forget(session);
      onEnded(session);
    }
  };
  const grantFor = async (session: OpenSession, refreshToken: Uint8Array): Promise<Grant> => ({
    session: { id: session.id, account: session.account, device: session.device },
    accessToken: await tokens.sign({ session, refreshHash: hashToken(refreshToken) }),
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
  const confirm = async ({ session, refreshHash }: NamedPair): Promise<boolean> => {
    if (known.has(session.id, refreshHash)) return true;
    const before = known.endings();
    const open = await store.confirm(session.id, refreshHash, clock());
    // An answer that was overtaken by an ending is not remembered; nor believed.
    if (known.endings() !== before) return open && (await store.isOpen(session.id, clock()));
    if (open) known.add(session.id, refreshHash);
    return open;
  };

  return {
    prepare,
    announceEnded,
    isOpen: (session) => store.isOpen(session, clock()),
    async open(account, device) {
      const { session, grant } = prepare(account, device);
      announceEnded(await store.open(session));
      return grant();
    },
    async refresh(refreshToken) {
      const next = random(32);
      const rotation = await store.rotate({
        shown: hashToken(refreshToken),
        next: hashToken(next),
        now: clock(),
        expiresAt: clock() + LIMITS.refreshTokenSeconds * 1000,
      });
      if (rotation.outcome === 'rotated') return grantFor(rotation.session, next);
      if (rotation.outcome === 'reused') announceEnded([rotation.session]);
      return refuse('session_ended');
    },
    async authenticate(accessToken) {
      const named = await tokens.verify(accessToken);
      if (named === undefined) return refuse('unauthorized');
      return (await confirm(named)) ? named.session : refuse('session_ended');
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
