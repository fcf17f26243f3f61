import type {
  Refusal,
  RouteBody,
  RouteName,
  RouteParams,
  RouteQuery,
  RouteResponse,
  Session as SessionAnswer,
} from '@sotto/protocol';
import { equalBytes } from '@sotto/protocol';
import type { Clock } from '../chat/clock.ts';
import type { RelayHttp, Unreachable } from '../link/relay-link.ts';

type Answer<T> = { readonly ok: true; readonly value: T } | Refusal | Unreachable;

/** The relay's permission to speak for this device. Tokens live in memory only; the refresh cookie is the driver's. */
export interface Session {
  /** Takes what a sign-in or a registration answered. */
  adopt(answer: SessionAnswer): void;
  /** A token with some life left, refreshed when needed. Concurrent callers share one refresh. */
  token(): Promise<Answer<string>>;
  /** Drops the access token, after the relay called it `unauthorized`. */
  expire(): void;
  /** A route that needs a token; one retry when the relay calls the token stale. */
  call<N extends RouteName>(
    route: N,
    input: {
      readonly params?: RouteParams<N>;
      readonly query?: RouteQuery<N>;
      readonly body?: RouteBody<N>;
    },
  ): Promise<Answer<RouteResponse<N>>>;
}

/** Refresh this long before the token ends: a request on its way must not outlive it. */
const MARGIN_MS = 30_000;

/** @param account the account every token must be for: a relay that answers another one ends the session. */
export function createSession(deps: {
  readonly http: RelayHttp;
  readonly clock: Clock;
  readonly account: Uint8Array;
}): Session {
  const { http, clock, account } = deps;
  let current: { readonly token: string; readonly until: number } | undefined;
  let refreshing: Promise<Answer<string>> | undefined;

  function adopt(answer: SessionAnswer): void {
    current = { token: answer.accessToken, until: clock.now() + answer.expiresIn * 1000 };
  }

  async function refresh(): Promise<Answer<string>> {
    const answer = await http.call('refresh', { body: {} });
    if (!answer.ok) return answer.code === 'unauthorized' ? { ok: false, code: 'session_ended' } : answer;
    if (!equalBytes(answer.value.account, account)) return { ok: false, code: 'session_ended' };
    adopt(answer.value);
    return { ok: true, value: answer.value.accessToken };
  }

  async function token(): Promise<Answer<string>> {
    if (current !== undefined && clock.now() + MARGIN_MS < current.until)
      return { ok: true, value: current.token };
    refreshing ??= refresh().finally(() => {
      refreshing = undefined;
    });
    return await refreshing;
  }

  return {
    adopt,
    token,
    expire() {
      current = undefined;
    },
    async call(route, input) {
      const first = await token();
      if (!first.ok) return first;
      const answer = await http.call(route, { ...input, token: first.value });
      if (answer.ok || answer.code !== 'unauthorized') return answer;
      if (current?.token === first.value) current = undefined;
      const second = await token();
      return second.ok ? await http.call(route, { ...input, token: second.value }) : second;
    },
  };
}
