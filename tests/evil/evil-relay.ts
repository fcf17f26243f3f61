import {
  type AckOf,
  decodeBase64Url,
  decodeCbor,
  decodeRun,
  type Entry,
  encodeCbor,
  encodeHex,
  encodeRun,
  type NoticeName,
  type NoticeOf,
  type RequestName,
  type RequestOf,
  ROUTES,
  type RouteBody,
  type RouteName,
  type RouteResponse,
} from '@sotto/protocol';
import type { SimulatedRelay } from '../simulation/relay.ts';

/** Who is asking, as their access token says: hexadecimal ids. The relay knows as much. */
interface Viewer {
  readonly account: string;
  readonly device: string;
}

/** One answer on its way out. `path` holds the parameters. */
interface Asked<N extends RouteName> {
  readonly viewer: Viewer | undefined;
  readonly path: string;
  readonly body: RouteBody<N>;
}

interface Requested<N extends RequestName> {
  readonly viewer: Viewer;
  readonly request: RequestOf<N>;
}

type EntriesLie = (entries: readonly Entry[], viewer: Viewer, log: string) => readonly Entry[];

/**
 * The real relay, and at its doors whoever runs it: sees every request, and says what it likes instead of the answer. It
 * holds what a relay holds, so it can lie in every way a relay can, to each viewer in another way.
 */
export interface EvilRelay {
  readonly relay: SimulatedRelay;
  /** Replaces the positive answers of a route. */
  answer<N extends RouteName>(
    route: N,
    lie: (honest: RouteResponse<N>, asked: Asked<N>) => RouteResponse<N>,
  ): void;
  /** Replaces acks, after the relay did what was asked. */
  ack<N extends RequestName>(name: N, lie: (honest: AckOf<N>, asked: Requested<N>) => AckOf<N>): void;
  /** Answers in place of the relay, which never hears of the request; undefined lets it through. */
  intercept<N extends RequestName>(name: N, lie: (asked: Requested<N>) => AckOf<N> | undefined): void;
  /** Rewrites entries wherever they are shown: live, and in answers. An emptied live frame is not sent. */
  entries(lie: EntriesLie): void;
  /** Tells of everything that is said unasked, as it is shown. */
  listen(listener: (viewer: Viewer, name: string, notice: unknown) => void): void;
  /** Says something unasked to every live connection of a device. */
  push<N extends NoticeName>(device: string, name: N, notice: NoticeOf<N>): void;
  /** What was asked so far: the last argument of each request of this name. */
  requests<N extends RequestName>(name: N): readonly Requested<N>[];
  /** Answers of a route as they were given by the honest half, newest last, and what they answered. */
  answers<N extends RouteName>(route: N): readonly (Asked<N> & { readonly honest: RouteResponse<N> })[];
  /** Grows with everything that is asked. */
  traffic(): number;
  /** No lies from here on. */
  repent(): void;
}

type AnyLie = (honest: never, asked: never) => unknown;
const MOST = 1 << 24;

export function createEvilRelay(honest: SimulatedRelay, origin: string = honest.origin): EvilRelay {
  const answers = new Map<string, AnyLie>();
  const acks = new Map<string, AnyLie>();
  const intercepts = new Map<string, (asked: never) => unknown>();
  const live = new Map<string, Set<(name: string, notice: unknown) => void>>();
  const seen = new Map<string, unknown[]>();
  const given = new Map<string, unknown[]>();
  let rewrite: EntriesLie | undefined;
  let tell: (viewer: Viewer, name: string, notice: unknown) => void = () => undefined;
  let traffic = 0;

  function rewriteRun(run: Uint8Array, viewer: Viewer, log: Uint8Array): Uint8Array {
    const entries = decodeRun(run);
    if (rewrite === undefined || entries === undefined) return run;
    return encodeRun(rewrite(entries, viewer, encodeHex(log)));
  }

  function rewriteNotice(name: string, notice: unknown, viewer: Viewer): unknown {
    if (name !== 'log:entries') return notice;
    const { log, run } = notice as NoticeOf<'log:entries'>;
    const shown = rewriteRun(run, viewer, log);
    return shown.length > 0 ? { log, run: shown } : undefined;
  }

  function rewriteAck(name: string, { viewer, request }: { viewer: Viewer; request: unknown }, ack: unknown) {
    if (name !== 'log:read' && name !== 'log:subscribe') return ack;
    const truth = ack as AckOf<'log:read'>;
    const { log } = request as RequestOf<'log:read'>;
    return truth.ok ? { ...truth, run: rewriteRun(truth.run, viewer, log) } : truth;
  }

  async function call(request: Parameters<SimulatedRelay['call']>[0]) {
    traffic += 1;
    const answer = await honest.call(request);
    const route = routeOf(request);
    if (answer.status >= 300 || route === undefined) return answer;
    const truth = decodeCbor(answer.body, MOST);
    const asked = {
      viewer: readViewer(request.headers.authorization?.slice('Bearer '.length)),
      path: request.path,
      body: request.body === undefined ? undefined : decodeCbor(request.body, MOST),
    };
    remember(given, route, { ...asked, honest: truth });
    const lie = answers.get(route);
    if (lie === undefined) return answer;
    return { ...answer, body: encodeCbor(lie(truth as never, asked as never)) };
  }

  const connect: SimulatedRelay['connect'] = async (handshake, events) => {
    const viewer = readViewer(handshake.token);
    const opened = await honest.connect(handshake, {
      ...events,
      notice(name, notice) {
        const shown = viewer === undefined ? notice : rewriteNotice(name, notice, viewer);
        if (shown === undefined) return;
        if (viewer !== undefined) tell(viewer, name, shown);
        events.notice(name, shown);
      },
    });
    if (!opened.ok || viewer === undefined) return opened;
    const says = live.get(viewer.device) ?? new Set();
    live.set(viewer.device, says.add(events.notice));
    return {
      ok: true,
      peer: {
        close() {
          says.delete(events.notice);
          opened.peer.close();
        },
        async request(name, request) {
          traffic += 1;
          const asked = { viewer, request };
          remember(seen, name, asked);
          const instead = intercepts.get(name)?.(asked as never);
          if (instead !== undefined) return instead;
          const ack = rewriteAck(name, asked, await opened.peer.request(name, request));
          const lie = acks.get(name);
          return lie === undefined ? ack : lie(ack as never, asked as never);
        },
      },
    };
  };

  return {
    relay: { ...honest, origin, call, connect },
    answer: (route, lie) => void answers.set(route, lie as AnyLie),
    ack: (name, lie) => void acks.set(name, lie as AnyLie),
    intercept: (name, lie) => void intercepts.set(name, lie as (asked: never) => unknown),
    entries(lie) {
      rewrite = lie;
    },
    listen(listener) {
      tell = listener;
    },
    push(device, name, notice) {
      for (const say of live.get(device) ?? []) say(name, notice);
    },
    requests: (name) => (seen.get(name) ?? []) as never,
    answers: (route) => (given.get(route) ?? []) as never,
    traffic: () => traffic,
    repent() {
      for (const lies of [answers, acks, intercepts]) lies.clear();
      rewrite = undefined;
    },
  };
}

function remember(list: Map<string, unknown[]>, name: string, what: unknown): void {
  list.set(name, [...(list.get(name) ?? []), what]);
}

function routeOf({ method, path }: { readonly method: string; readonly path: string }) {
  const plain = path.split('?')[0] ?? '';
  return (Object.keys(ROUTES) as RouteName[]).find((name) => {
    const pattern = new RegExp(`^${ROUTES[name].path.replace(/:\w+/, '[^/]+')}$`);
    return ROUTES[name].method === method && pattern.test(plain);
  });
}

/** `sub` and `did` of a token: unchecked, the honest half has looked at it. */
function readViewer(token: string | undefined): Viewer | undefined {
  const claims = decodeBase64Url(token?.split('.')[1] ?? '');
  if (claims === undefined || claims.length === 0) return undefined;
  const { sub, did } = JSON.parse(new TextDecoder().decode(claims)) as { sub: string; did: string };
  return { account: sub, device: did };
}
