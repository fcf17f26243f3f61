import type {
  Refusal,
  ROUTES,
  RouteBody,
  RouteName,
  RouteParams,
  RouteQuery,
  RouteResponse,
} from '@sotto/protocol';
import type { OpenSession } from '../store/session-store.ts';

/** One request of a route, parsed: what its schema does not know never gets here. */
export interface Call<N extends RouteName> {
  readonly body: RouteBody<N>;
  readonly query: RouteQuery<N>;
  readonly params: RouteParams<N>;
  /** The open session, on routes that want a token. */
  readonly caller: (typeof ROUTES)[N]['auth'] extends 'token' ? OpenSession : undefined;
  /** Where the request comes from: for limits only, never kept or logged. */
  readonly address: string;
  /** What the refresh cookie held: the client's, maybe somebody else's. */
  readonly refreshToken: Uint8Array | undefined;
}

export interface Success<N extends RouteName> {
  readonly ok: true;
  readonly body: RouteResponse<N>;
  /** Sets the refresh cookie, or clears it. */
  readonly refreshToken?: CookieToken | 'cleared';
}

/** A refresh token for the cookie. `shared`: the cookie goes with its short session, not weeks later. */
export interface CookieToken {
  readonly token: Uint8Array;
  readonly shared: boolean;
}

type Handler<N extends RouteName> = (call: Call<N>) => Promise<Success<N> | Refusal>;

/** What answers each route of the protocol. */
export type Handlers = { readonly [N in RouteName]: Handler<N> };

export function succeed<N extends RouteName>(body: RouteResponse<N>): Success<N> {
  return { ok: true, body };
}
