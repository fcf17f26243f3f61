import type {
  AccountId,
  AckOf,
  DeviceId,
  ErrorCode,
  NoticeName,
  NoticeOf,
  Refusal,
  RequestName,
} from '@sotto/protocol';
import { LIMITS } from '@sotto/protocol';
import type { Clock } from '../clock.ts';
import type { InboxStore } from '../store/inbox-store.ts';
import type { LogStore } from '../store/log-store.ts';
import { createDailyQuota } from './daily-quota.ts';
import { createFanOut } from './fan-out.ts';
import type { Caller, Handlers, NotifyDevice } from './handlers.ts';
import { createInboxRequests } from './inbox-requests.ts';
import { createLogRequests } from './log-requests.ts';
import { isRequestName, parseRequest } from './parse-request.ts';
import { createPresence } from './presence.ts';
import { createRequestBucket, type RequestRate } from './request-bucket.ts';
import type { LiveSession, Peer } from './session.ts';
import { createSubscriptions } from './subscriptions.ts';

export interface ConnectionsDeps {
  readonly logs: LogStore;
  readonly inboxes: InboxStore;
  /** Whether a device stands in its account's chain and is not revoked. */
  readonly knowsDevice: (account: AccountId, device: DeviceId) => Promise<boolean>;
  readonly clock: Clock;
  /** Told of what should not happen. Errors hold no request. */
  readonly report: (error: unknown) => void;
  /** Requests of one connection; as LIMITS has it when not given. */
  readonly rate?: RequestRate;
}

/** One client that is connected. */
interface Connection {
  /**
   * Answers one request with its ack; never rejects. Name and request are the client's: anything may stand there.
   */
  handle(name: string, request: unknown): Promise<AckOf<RequestName>>;
  /** Forgets the connection. To be called once when it is gone, whoever ended it. */
  close(): void;
}

/** All live connections of this process, whatever they travel on. */
export interface Connections {
  connect(session: LiveSession, peer: Peer): Connection;
  /** A hint for a device, if it is here. */
  notifyDevice: NotifyDevice;
  /** A hint for all devices of an account that are here. */
  notifyAccount<N extends NoticeName>(account: AccountId, name: N, notice: NoticeOf<N>): void;
  /** Tells the connections of a session that it ended, and ends them. */
  endSession(session: Uint8Array): void;
  /** Sessions that have a connection here. */
  listSessions(): Uint8Array[];
}

export function createConnections(deps: ConnectionsDeps): Connections {
  const { logs, inboxes, knowsDevice, clock } = deps;
  const rate = deps.rate ?? { perSecond: LIMITS.appendsPerSecond, burst: LIMITS.appendsBurst };
  const presence = createPresence();
  const fanOut = createFanOut();
  const notifyDevice = <N extends NoticeName>(
    account: AccountId,
    device: DeviceId,
    name: N,
    notice: NoticeOf<N>,
  ): void => {
    for (const peer of presence.ofDevice(account, device)) peer.notify(name, notice);
  };
  const deliveries = createDailyQuota(LIMITS.deliveriesPerDay, clock);
  const handlers: Handlers = {
    ...createLogRequests({
      logs,
      clock,
      fanOut,
      knowsDevice,
      notifyDevice,
      creations: createDailyQuota(LIMITS.logsPerDay, clock),
      deliveries,
    }),
    ...createInboxRequests({ inboxes, clock, knowsDevice, deliveries, notifyDevice }),
  };

  return {
    notifyDevice,
    notifyAccount(account, name, notice) {
      for (const peer of presence.ofAccount(account)) peer.notify(name, notice);
    },
    listSessions: presence.listSessions,
    endSession(session) {
      for (const peer of presence.ofSession(session)) {
        peer.notify('session:ended', {});
        peer.end();
      }
    },
    connect(session, peer) {
      const subscriptions = createSubscriptions(fanOut, peer);
      const caller: Caller = { session, peer, subscriptions };
      const bucket = createRequestBucket(rate, clock());
      let open = true;
      presence.enter(session, peer);
      return {
        async handle(name, request) {
          if (!open) return refuse('unavailable');
          const retryAfter = bucket.take(1, clock());
          if (retryAfter !== undefined) return { ok: false, code: 'rate_limited', retryAfter };
          try {
            return await answerRequest(handlers, name, request, caller);
          } catch (error) {
            deps.report(error);
            return refuse('internal');
          }
        },
        close() {
          if (!open) return;
          open = false;
          presence.leave(session, peer);
          subscriptions.close();
        },
      };
    },
  };
}

async function answerRequest(
  handlers: Handlers,
  name: string,
  request: unknown,
  caller: Caller,
): Promise<AckOf<RequestName>> {
  if (!isRequestName(name)) return refuse('bad_request');
  const parsed = parseRequest(name, request);
  if (parsed === undefined) return refuse('bad_request');
  // The table pairs each name with its request; the compiler cannot follow that through a union of names.
  const handler = handlers[name] as (request: unknown, caller: Caller) => Promise<AckOf<RequestName>>;
  return handler(parsed, caller);
}

function refuse(code: ErrorCode): Refusal {
  return { ok: false, code };
}
