import type {
  AckOf,
  NoticeName,
  NoticeOf,
  Refusal,
  RequestName,
  RequestOf,
  RouteBody,
  RouteName,
  RouteParams,
  RouteQuery,
  RouteResponse,
} from '@sotto/protocol';

/** The relay could not be reached, or what it said was not of the protocol's shape. */
export type Unreachable = { readonly ok: false; readonly code: 'offline' | 'malformed_answer' };

/**
 * The HTTP half of the relay. Drivers: fetch (browser and Node; Node keeps the refresh cookie itself), memory. Answers
 * are parsed against the route's schema before they get here; they are still only the relay's claims.
 */
export interface RelayHttp {
  call<N extends RouteName>(
    route: N,
    input: {
      readonly params?: RouteParams<N>;
      readonly query?: RouteQuery<N>;
      readonly body?: RouteBody<N>;
      /** Access token, for routes that need one. */
      readonly token?: string | undefined;
    },
  ): Promise<{ readonly ok: true; readonly value: RouteResponse<N> } | Refusal | Unreachable>;
  /** scheme://host[:port] of the relay: part of the OPAQUE server identifier. */
  readonly origin: string;
}

/**
 * One authenticated live connection at a time. Drivers: Socket.IO, memory. It does not reconnect by itself: the engine
 * decides when, with which token.
 */
export interface RelayLink {
  /** Resolves when the relay accepted the handshake, or with why it did not. Replaces an earlier connection. */
  open(token: string): Promise<{ readonly ok: true } | { readonly ok: false; readonly code: string }>;
  close(): void;
  /** `offline` when the connection is or goes down before the ack: the request may or may not have taken effect. */
  request<N extends RequestName>(name: N, request: RequestOf<N>): Promise<AckOf<N> | Unreachable>;
  /** One handler for all notices; malformed ones are dropped by the driver. */
  onNotice(handler: <N extends NoticeName>(name: N, notice: NoticeOf<N>) => void): void;
  /** Called when the connection goes down for whatever reason but `close`. */
  onDown(handler: () => void): void;
}
