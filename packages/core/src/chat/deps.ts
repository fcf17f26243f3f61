import type { RelayHttp, RelayLink } from '../link/relay-link.ts';
import type { RecordStore } from '../store/record-store.ts';
import type { Clock, Random } from './clock.ts';

/** All that the engine needs of the world. Wired by composition roots only: worker, Node, test harness. */
export interface ChatDeps {
  /** Opens this device's store. Called at start and again after `signOut` wiped it. */
  openRecords(): Promise<RecordStore>;
  /** An empty store in memory, for an account on somebody else's computer. */
  openTemporaryRecords(): Promise<RecordStore>;
  readonly http: RelayHttp;
  readonly link: RelayLink;
  readonly clock: Clock;
  readonly random: Random;
  /** Asks the platform to keep the store (`navigator.storage.persist`); true when it promised. */
  persistStorage(): Promise<boolean>;
  /** Told of work nobody waited for that failed in a way that is a bug. Holds no secret; optional. */
  report?(thrown: unknown): void;
}
