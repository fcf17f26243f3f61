import type { Session } from '../account/session.ts';
import type { Alarms } from '../chat/alarms.ts';
import type { Clock, Random } from '../chat/clock.ts';
import type { ChainAuthentication } from '../contacts/authentication.ts';
import type { ChainPins } from '../contacts/chain-pins.ts';
import type { RelayLink } from '../link/relay-link.ts';
import type { DeviceIdentity, Mls } from '../mls/door.ts';
import type { SealedStore } from '../store/sealed-store.ts';

/** What conversations are made of. One set for one signed-in device. */
export interface ConversationDeps {
  readonly store: SealedStore;
  readonly mls: Mls;
  readonly identity: DeviceIdentity;
  readonly link: RelayLink;
  readonly session: Session;
  readonly clock: Clock;
  readonly random: Random;
  readonly pins: ChainPins;
  readonly authentication: ChainAuthentication;
  readonly alarms: Alarms;
  /** False while the relay is out of reach: nothing is sent. */
  readonly isOnline: () => boolean;
  /** Something that a snapshot shows is different now. */
  readonly changed: () => void;
  /** Work that nobody waits for failed: a broken store stops the engine, anything else is a bug to be told. */
  readonly failed: (thrown: unknown) => void;
}
