import { createHash } from 'node:crypto';
import { type AccountId, type DeviceId, LIMITS, type Refusal } from '@sotto/protocol';
import type { Clock, Random } from '../clock.ts';
import { describeError, type Log } from '../log.ts';
import { refuse } from '../refuse.ts';
import type {
  ListedSession,
  NewSession,
  OpenSession,
  SessionId,
  SessionStore,
} from '../store/session-store.ts';
import type { AccessTokens, NamedPair } from './access-tokens.ts';
import { createKnownSessions } from './known-sessions.ts';
import type { Revocations } from './revocations.ts';

/** What a client gets for a session. The refresh token (32 bytes) is a secret that travels in a cookie alone. */
export interface Grant {
  readonly session: OpenSession;
  readonly accessToken: string;
  readonly refreshToken: Uint8Array;
  /** On somebody else's computer: session and cookie live for minutes. */
  readonly shared: boolean;
}

export interface Sessions {
  /** A session that is not stored yet, for a transaction that stores it beside other things. */
  prepare(
    account: AccountId,
    device: DeviceId,
    shared: boolean,
  ): { readonly session: NewSession; grant(): Promise<Grant> };
  /**
   * Swaps a refresh token for a new pair. Because that answer may be lost, the token serves again until the new pair is
   * seen in use, and then the unseen pair is void. Any other old token ends the session (RFC 9700 §4.14.2): of an owner
   * and a thief, whoever comes second is caught.
   */
  refresh(refreshToken: Uint8Array): Promise<Grant | Refusal>;
  /** The open session behind an access token. Every route and every socket asks here. */
  authenticate(accessToken: string): Promise<OpenSession | Refusal>;
  isOpen(session: SessionId): Promise<boolean>;
  /** The open sessions of an account, oldest first. */
  list(account: AccountId): Promise<ListedSession[]>;
  end(session: SessionId): Promise<void>;
  /** Ends all sessions of an account, but that one if there is one. */
  endAll(account: AccountId, but: SessionId | undefined): Promise<void>;
  /** Sessions that another store ended within its own transaction: tells this process, its sockets and all other nodes. */
  announceEnded(sessions: readonly SessionId[]): void;
}

export interface SessionsDeps {
  readonly store: SessionStore;
  readonly tokens: AccessTokens;
  readonly revocations: Revocations;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Closes the live sockets of a session. */
  readonly onEnded: (session: SessionId) => void;
}

export function createSessions(deps: SessionsDeps): Sessions {
  const { store, tokens, revocations, clock, random, log, onEnded } = deps;
  const known = createKnownSessions({ clock, reliable: revocations.reliable });

  const forget = (sessions: readonly SessionId[]): void => {
    for (const session of sessions) {
      known.forget(session);
      onEnded(session);
    }
  };
  // Also of a session that this node ended: hearing it twice does no harm.
  revocations.subscribe((endings) => (endings === 'missed' ? known.forgetAll() : forget(endings)));
  const announceEnded = (sessions: readonly SessionId[]): void => {
    if (sessions.length === 0) return;
    forget(sessions);
    revocations
      .publish(sessions)
      .catch((error: unknown) => log.warn(describeError(error), 'endings not published'));
  };
  const grantFor = async (
    session: OpenSession,
    refreshToken: Uint8Array,
    shared: boolean,
  ): Promise<Grant> => ({
    session: { id: session.id, account: session.account, device: session.device },
    accessToken: await tokens.sign({ session, refreshHash: hashToken(refreshToken) }),
    refreshToken,
    shared,
  });
  const prepare: Sessions['prepare'] = (account, device, shared) => {
    const refreshToken = random(32);
    const session: NewSession = {
      id: random(16) as SessionId,
      account,
      device,
      refreshHash: hashToken(refreshToken),
      openedAt: clock(),
      lifetime: (shared ? LIMITS.sharedSessionSeconds : LIMITS.refreshTokenSeconds) * 1000,
      shared,
    };
    return { session, grant: () => grantFor(session, refreshToken, shared) };
  };
  const confirm = async ({ session, refreshHash }: NamedPair): Promise<boolean> => {
    if (known.has(session.id, refreshHash)) return true;
    const before = known.endings();
    const askedAt = clock();
    const open = await store.confirm(session.id, refreshHash, askedAt);
    // An answer that was overtaken by an ending is not remembered; nor believed.
    if (known.endings() !== before) return open && (await store.isOpen(session.id, clock()));
    if (open) known.add(session.id, refreshHash, askedAt);
    return open;
  };

  return {
    prepare,
    announceEnded,
    isOpen: (session) => store.isOpen(session, clock()),
    list: (account) => store.list(account, clock()),
    async refresh(refreshToken) {
      const next = random(32);
      const swap = { shown: hashToken(refreshToken), next: hashToken(next), now: clock() };
      const rotation = await store.rotate(swap);
      if (rotation.outcome === 'rotated') return grantFor(rotation.session, next, rotation.shared);
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
    async endAll(account, but) {
      announceEnded(await store.endAll(account, but));
    },
  };
}

/** Refresh tokens are 256 random bits: a plain hash keeps them, and looking one up by it tells nothing by its timing. */
function hashToken(token: Uint8Array): Uint8Array {
  return createHash('sha256').update(token).digest();
}
