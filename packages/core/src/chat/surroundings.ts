import type { RelayView } from './account-verbs.ts';
import type { ChatDeps } from './deps.ts';

/** What is so whoever is signed in. */
interface Surroundings {
  /** Until it was looked at. */
  readonly starting: boolean;
  readonly storagePersisted: boolean;
  /** What the relay says of itself; undefined until it was reached. */
  readonly relay: RelayView | undefined;
}

interface SurroundingsAsked {
  seen(): Surroundings;
  /** Asks the relay until it answered once; nobody waits for that. `changed` tells. */
  look(): Promise<void>;
  /** What it says, asked for now unless it answered already; undefined when it cannot be reached. */
  askAgain(): Promise<RelayView | undefined>;
  stop(): void;
}

const FIRST_BACKOFF_MS = 1000;
const LAST_BACKOFF_MS = 30_000;

/** Without what the relay says nobody can know what it wants of a new account. */
export function createSurroundings(deps: ChatDeps, changed: () => void): SurroundingsAsked {
  let starting = true;
  let storagePersisted = false;
  let relay: RelayView | undefined;
  let asking: Promise<void> | undefined;
  let failures = 0;
  let stopped = false;
  let cancelRetry: (() => void) | undefined;

  async function askRelay(): Promise<void> {
    const about = await deps.http.call('about', {});
    if (!about.ok) return;
    const { directory, registration, mail, emailRequired } = about.value;
    relay = { directory, registration, mail, emailRequired };
    changed();
  }

  function retryLater(): void {
    cancelRetry?.();
    if (relay !== undefined || stopped) return;
    const wait = Math.min(LAST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(failures, 10));
    failures += 1;
    cancelRetry = deps.clock.after(wait, () => void askAgain());
  }

  async function askAgain(): Promise<RelayView | undefined> {
    if (relay !== undefined) return relay;
    asking ??= askRelay()
      .catch(() => undefined)
      .finally(() => {
        asking = undefined;
        retryLater();
      });
    await asking;
    return relay;
  }

  return {
    seen: () => ({ starting, storagePersisted, relay }),
    async look() {
      storagePersisted = await deps.persistStorage().catch(() => false);
      starting = false;
      void askAgain();
    },
    askAgain,
    stop() {
      stopped = true;
      cancelRetry?.();
    },
  };
}
