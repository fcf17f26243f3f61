import type { Session } from '../account/session.ts';
import type { RelayLink } from '../link/relay-link.ts';
import type { ConnectionView } from './chat.ts';
import { type Clock, type Random, randomFraction } from './clock.ts';

const FIRST_BACKOFF_MS = 500;
const LAST_BACKOFF_MS = 30_000;

type Outcome = 'up' | 'ended' | 'down';

/** Keeps the live link up while somebody is signed in. */
export interface Connection {
  state(): ConnectionView;
  start(): void;
  /** Tries at once instead of after the backoff. */
  reconnect(): void;
  /** The relay ended the session: no more tries until `start`. */
  end(): void;
  stop(): void;
}

/** @param events `up` after every accepted handshake, `down` when it is lost, `changed` when `state` did. */
export function createConnection(deps: {
  readonly link: RelayLink;
  readonly session: Session;
  readonly clock: Clock;
  readonly random: Random;
  readonly events: { readonly up: () => void; readonly down: () => void; readonly changed: () => void };
}): Connection {
  const { link, session, clock, random, events } = deps;
  let view: ConnectionView = 'connecting';
  let running = false;
  let failures = 0;
  let cancelRetry: (() => void) | undefined;
  let attempt = 0;

  function show(next: ConnectionView): void {
    if (view === next) return;
    view = next;
    events.changed();
  }

  async function connect(): Promise<void> {
    cancelRetry?.();
    cancelRetry = undefined;
    attempt += 1;
    const mine = attempt;
    const outcome = await open();
    if (!running || mine !== attempt) return;
    if (outcome === 'up') {
      failures = 0;
      show('online');
      events.up();
    } else if (outcome === 'ended') end();
    else retryLater();
  }

  /** A token the relay calls stale is replaced once. */
  async function open(): Promise<Outcome> {
    const first = await openOnce();
    if (first !== 'stale') return first;
    session.expire();
    const second = await openOnce();
    return second === 'stale' ? 'down' : second;
  }

  async function openOnce(): Promise<Outcome | 'stale'> {
    const token = await session.token();
    if (!token.ok) return token.code === 'session_ended' ? 'ended' : 'down';
    const opened = await link.open(token.value);
    if (opened.ok) return 'up';
    if (opened.code === 'unauthorized') return 'stale';
    return opened.code === 'session_ended' ? 'ended' : 'down';
  }

  function retryLater(): void {
    show('offline');
    failures += 1;
    const ceiling = Math.min(LAST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(failures, 10));
    const wait = Math.floor(ceiling * (0.5 + randomFraction(random) / 2));
    cancelRetry = clock.after(wait, () => void connect());
  }

  function end(): void {
    running = false;
    attempt += 1;
    cancelRetry?.();
    link.close();
    show('ended');
    events.down();
  }

  link.onDown(() => {
    if (!running) return;
    events.down();
    show('connecting');
    retryLater();
  });

  return {
    state: () => view,
    start() {
      running = true;
      failures = 0;
      show('connecting');
      void connect();
    },
    reconnect() {
      if (running && view !== 'online') void connect();
    },
    end,
    stop() {
      running = false;
      attempt += 1;
      cancelRetry?.();
      link.close();
    },
  };
}
