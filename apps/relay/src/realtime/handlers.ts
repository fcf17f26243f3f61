import type {
  AccountId,
  AckOf,
  DeviceId,
  NoticeName,
  NoticeOf,
  RequestName,
  RequestOf,
} from '@sotto/protocol';
import type { LiveSession, Peer } from './session.ts';
import type { Subscriptions } from './subscriptions.ts';

/** Who asks. */
export interface Caller {
  readonly session: LiveSession;
  readonly peer: Peer;
  readonly subscriptions: Subscriptions;
}

/** What answers each request, once it is parsed. */
export type Handlers = {
  readonly [N in RequestName]: (request: RequestOf<N>, caller: Caller) => Promise<AckOf<N>>;
};

/** A hint for a device, wherever it is connected. */
export type NotifyDevice = <N extends NoticeName>(
  account: AccountId,
  device: DeviceId,
  name: N,
  notice: NoticeOf<N>,
) => void;
