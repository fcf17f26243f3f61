import type { Clock } from '../clock.ts';
import { describeError, type Log } from '../log.ts';
import type { SessionId, SessionStore } from '../store/session-store.ts';
import type { Revocations } from './revocations.ts';

export interface LiveChecksDeps {
  readonly store: Pick<SessionStore, 'isOpen'>;
  readonly revocations: Revocations;
  /** Sessions that have live connections here. */
  readonly listSessions: () => Uint8Array[];
  /** Closes the live connections of a session. */
  readonly onEnded: (session: Uint8Array) => void;
  readonly clock: Clock;
  readonly log: Log;
}

export interface LiveChecks {
  /** Asks about every session once. Never rejects. */
  check(): Promise<void>;
  stop(): void;
}

/** While endings may go unheard. */
const UNHEARD_MS = 5000;
/** Else: sessions also end by their age, which nobody announces. */
const HEARD_MS = 60_000;
/** Questions to the store at once. */
const TOGETHER = 32;

/**
 * Asks the store whether the sessions of live connections are still open: a connection was let in by a token once, and
 * would outlast its session where nobody says that it ended.
 */
export function createLiveChecks(deps: LiveChecksDeps): LiveChecks {
  const { store, revocations, listSessions, onEnded, clock, log } = deps;
  let running: Promise<void> | undefined;
  let stopped = false;
  let sinceLast = 0;

  const checkAll = async (): Promise<void> => {
    const sessions = listSessions();
    for (let from = 0; from < sessions.length && !stopped; from += TOGETHER) {
      await Promise.all(sessions.slice(from, from + TOGETHER).map(checkOne));
    }
  };
  const checkOne = async (session: Uint8Array): Promise<void> => {
    if (!(await store.isOpen(session as SessionId, clock()))) onEnded(session);
  };
  const check = (): Promise<void> => {
    // One behind the other: what is asked for now is about now.
    const done = (running ?? Promise.resolve())
      .then(checkAll)
      .catch((error: unknown) => log.warn(describeError(error), 'live sessions not checked'))
      .finally(() => {
        if (running === done) running = undefined;
      });
    running = done;
    return done;
  };
  const timer = setInterval(() => {
    sinceLast += UNHEARD_MS;
    if (running !== undefined || (revocations.reliable() && sinceLast < HEARD_MS)) return;
    sinceLast = 0;
    void check();
  }, UNHEARD_MS);
  timer.unref();
  const unsubscribe = revocations.subscribe((endings) => {
    if (endings === 'missed') void check();
  });
  return {
    check,
    stop() {
      stopped = true;
      clearInterval(timer);
      unsubscribe();
    },
  };
}
