import { LIMITS, type Refusal, type RouteName, type RouteResponse, type Session } from '@sotto/protocol';
import type { SignedIn } from '../auth/registration.ts';
import { isRefusal } from '../refuse.ts';
import { type CookieToken, type Success, succeed } from './handlers.ts';

/** What an account's own part answers, as a route sends it. */
export function answer<N extends RouteName>(given: RouteResponse<N> | Refusal): Success<N> | Refusal {
  return isRefusal(given) ? given : succeed<N>(given);
}

/** For routes that answer nothing when it was done. */
export function done(refused: Refusal | undefined): { ok: true; body: Record<string, never> } | Refusal {
  return refused ?? { ok: true, body: {} };
}

export function describeSession({ accessToken, session, username }: SignedIn): Session {
  return {
    accessToken,
    expiresIn: LIMITS.accessTokenSeconds,
    account: session.account,
    device: session.device,
    username,
  };
}

export function cookieOf({ refreshToken, shared }: SignedIn): CookieToken {
  return { token: refreshToken, shared };
}
