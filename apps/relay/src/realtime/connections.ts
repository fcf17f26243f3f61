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
import type { Metrics } from '../metrics/metrics.ts';
import type { InboxStore } from '../store/inbox-store.ts';
import type { LogStore } from '../store/log-store.ts';
import { StoreError } from '../store/store-error.ts';
import type { DailyQuotas } from './daily-quotas.ts';
import { type Delivery, deliverAlone, deliverAmong } from './delivery.ts';
import type { Caller, Handlers, NotifyDevice } from './handlers.ts';
import { createInboxRequests } from './inbox-requests.ts';
import { createLogRequests } from './log-requests.ts';
import type { OtherNodes } from './other-nodes.ts';
import { isRequestName, parseRequest } from './parse-request.ts';
import { createPresence, type Presence } from './presence.ts';
import { createRequestBucket, type RequestRate } from './request-bucket.ts';
import type { LiveSession, Peer } from './session.ts';
import { createSubscriptions } from './subscriptions.ts';

export interface ConnectionsDeps {
  readonly logs: LogStore;
  readonly inboxes: InboxStore;
  /** Whether a device stands in its account's chain and is not revoked. */
  readonly knowsDevice: (account: AccountId, device: DeviceId) => Promise<boolean>;
  readonly quotas: DailyQuotas;
  readonly clock: Clock;
  /** Told of what should not happen, and on which connection. Errors hold no request. */
  readonly report: (error: unknown, connection?: string) => void;
  /** Requests of one connection; as LIMITS has it when not given. */
  readonly rate?: RequestRate;
  /** When other nodes share the stores. */
  readonly others?: OtherNodes;
  readonly metrics?: Metrics;
}

/** One client that is connected. */
interface Connection {
  /**
   * Answers one request with its ack; never rejects. Name and request are the client's: anything may stand there.
   */
  handle(name: string, request: unknown): Promise<AckOf<RequestName>>;
  /** Takes no more requests; resolves when those that were taken are answered. */
  finish(): Promise<void>;
  /** Forgets the connection. To be called once when it is gone, whoever ended it. */
  close(): void;
}

/** All live connections of this process, whatever they travel on. */
export interface Connections {
  connect(session: LiveSession, peer: Peer): Connection;
  /** A hint for a device, wherever it is connected. */
  readonly notifyDevice: NotifyDevice;
  /** A hint for all devices of an account, wherever they are connected. */
  notifyAccount<N extends NoticeName>(account: AccountId, name: N, notice: NoticeOf<N>): void;
  /** Tells the connections of a session that it ended, and ends them. */
  endSession(session: Uint8Array): void;
  /** Sessions that have a connection here. */
  listSessions(): Uint8Array[];
  /** Connections that are here. */
  count(): number;
  /** Asks and tells other nodes nothing more. */
  stop(): void;
}

/** Who is refused as too fast so many times more than it may ask is no client of ours, and is cut. */
const PATIENCE = 10;

export function createConnections(deps: ConnectionsDeps): Connections {
  const { others, metrics, clock } = deps;
  const rate = deps.rate ?? { perSecond: LIMITS.appendsPerSecond, burst: LIMITS.appendsBurst };
  const presence = createPresence();
  const parts = { ...deps, presence, metrics };
  const delivery = others === undefined ? deliverAlone(parts) : deliverAmong(others, parts);
  const handlers = createHandlers(deps, delivery);
  return {
    ...createNotices(presence, delivery),
    listSessions: presence.listSessions,
    count: presence.count,
    stop: delivery.stop,
    endSession(session) {
      for (const peer of presence.ofSession(session)) {
        peer.notify('session:ended', {});
        peer.end();
      }
    },
    connect(session, peer) {
      const subscriptions = createSubscriptions(delivery.fanOut, peer);
      const caller: Caller = { session, peer, subscriptions };
      const bucket = createRequestBucket(rate, clock());
      const patience = createRequestBucket({ ...rate, burst: PATIENCE * rate.burst }, clock());
      const answer = async (name: string, request: unknown): Promise<AckOf<RequestName>> => {
        const retryAfter = bucket.take(1, clock());
        if (retryAfter !== undefined) {
          if (patience.take(1, clock()) !== undefined) peer.end();
          return { ok: false, code: 'rate_limited', retryAfter };
        }
        try {
          return await answerRequest(handlers, name, request, caller);
        } catch (error) {
          return refuseFailed(error, (failure) => deps.report(failure, peer.id));
        }
      };
      presence.enter(session, peer);
      delivery.inboxFeeds.enter(session);
      return openConnection(answer, metrics, () => {
        presence.leave(session, peer);
        delivery.inboxFeeds.leave(session);
        subscriptions.close();
      });
    },
  };
}

function createHandlers(deps: ConnectionsDeps, delivery: Delivery): Handlers {
  const parts = { ...deps, ...delivery };
  return { ...createLogRequests(parts), ...createInboxRequests(parts) };
}

/** Notices to who is connected here, and to who may be elsewhere. */
function createNotices(
  presence: Presence,
  { tellOthers }: Delivery,
): Pick<Connections, 'notifyDevice' | 'notifyAccount'> {
  return {
    notifyDevice(account, device, name, notice) {
      presence.notifyDevice(account, device, name, notice);
      tellOthers({ kind: 'notice', account, device, name, notice });
    },
    notifyAccount(account, name, notice) {
      presence.notifyAccount(account, name, notice);
      tellOthers({ kind: 'notice', account, device: undefined, name, notice });
    },
  };
}

/** Lets requests in until it is finished, and knows which are not answered. */
function openConnection(
  answer: (name: string, request: unknown) => Promise<AckOf<RequestName>>,
  metrics: Metrics | undefined,
  onClose: () => void,
): Connection {
  let takes = true;
  let open = true;
  let unanswered = 0;
  let onAnswered = (): void => {};
  return {
    async handle(name, request) {
      unanswered += 1;
      const ack = takes ? await answer(name, request) : refuse('unavailable');
      unanswered -= 1;
      if (!ack.ok) metrics?.refused('socket', ack.code);
      if (unanswered === 0) onAnswered();
      return ack;
    },
    finish() {
      takes = false;
      return new Promise((resolve) => {
        onAnswered = resolve;
        if (unanswered === 0) resolve();
      });
    },
    close() {
      if (!open) return;
      open = false;
      takes = false;
      onClose();
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

function refuseFailed(error: unknown, report: (error: unknown) => void): Refusal {
  const code = error instanceof StoreError ? error.code : 'internal';
  // A full disk is told once, by who counts refusals.
  if (code !== 'storage_full') report(error);
  return refuse(code);
}

function refuse(code: ErrorCode): Refusal {
  return { ok: false, code };
}
