import type { RelayView } from './account-verbs.ts';
import type { ChatDeps } from './deps.ts';

/** What is so whoever is signed in. */
export interface Surroundings {
  readonly storagePersisted: boolean;
  /** What the relay says of itself; undefined until it was reached. */
  readonly relay: RelayView | undefined;
}

/** Asked once, at start. The relay answers when it can; `changed` tells. */
export function createSurroundings(deps: ChatDeps, changed: () => void) {
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
    seen: (): Surroundings => ({ storagePersisted, relay }),
    async look() {
      storagePersisted = await deps.persistStorage().catch(() => false);
      void askRelay().catch(() => undefined);
    },
  };
}
