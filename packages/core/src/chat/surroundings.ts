import type { RelayView } from './account-verbs.ts';
import type { ChatDeps } from './deps.ts';

/** What is so whoever is signed in. */
export interface Surroundings {
  /** Until it was looked at. */
  readonly starting: boolean;
  readonly storagePersisted: boolean;
  /** What the relay says of itself; undefined until it was reached. */
  readonly relay: RelayView | undefined;
}

/** Asked once, at start. The relay answers when it can; `changed` tells. */
export function createSurroundings(deps: ChatDeps, changed: () => void) {
  let starting = true;
  let storagePersisted = false;
  let relay: RelayView | undefined;

  async function askRelay(): Promise<void> {
    const about = await deps.http.call('about', {});
    if (!about.ok) return;
    const { directory, registration, mail, emailRequired } = about.value;
    relay = { directory, registration, mail, emailRequired };
    changed();
  }

  return {
    seen: (): Surroundings => ({ starting, storagePersisted, relay }),
    async look() {
      storagePersisted = await deps.persistStorage().catch(() => false);
      starting = false;
      void askRelay().catch(() => undefined);
    },
  };
}
