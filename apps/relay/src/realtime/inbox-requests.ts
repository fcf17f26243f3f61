import {
  type AccountId,
  type Delivery,
  type DeviceId,
  encodeInboxRun,
  equalBytes,
  LIMITS,
  type Refusal,
} from '@sotto/protocol';
import type { Clock } from '../clock.ts';
import type { InboxStore } from '../store/inbox-store.ts';
import { dayOf } from '../store/log-rules.ts';
import type { DailyQuotas } from './daily-quotas.ts';
import type { Handlers } from './handlers.ts';
import type { Hint } from './hints.ts';
import type { InboxFeeds } from './inbox-feeds.ts';

/** How what is new gets around. */
export interface Announcing {
  /** To devices that are connected here. */
  readonly inboxFeeds: InboxFeeds;
  /** To the nodes that share the store. */
  readonly tellOthers: (hint: Hint) => void;
}

export interface InboxRequestsDeps extends Announcing {
  readonly inboxes: InboxStore;
  readonly clock: Clock;
  readonly knowsDevice: (account: AccountId, device: DeviceId) => Promise<boolean>;
  readonly quotas: DailyQuotas;
}

export function createInboxRequests(
  deps: InboxRequestsDeps,
): Pick<Handlers, 'inbox:append' | 'inbox:read' | 'inbox:trim'> {
  const { inboxes, clock } = deps;
  return {
    async 'inbox:append'(delivery, { session }) {
      const today = dayOf(clock());
      const refusal = await judgeDeliveries([delivery], today, session.account, deps);
      if (refusal !== undefined) return refusal;
      const outcome = await inboxes.appendItem(delivery, today);
      if (!outcome.ok) return outcome;
      announceItem(deps, delivery, outcome.seq);
      return { ok: true };
    },
    async 'inbox:read'({ after }, { session }) {
      const outcome = await inboxes.readItems(session, after, dayOf(clock()));
      if (!outcome.ok) return outcome;
      deps.inboxFeeds.read(session, outcome.items.at(-1)?.seq ?? after);
      return { ok: true, run: encodeInboxRun(outcome.items) };
    },
    async 'inbox:trim'({ upTo }, { session }) {
      const outcome = await inboxes.trimItems(session, upTo);
      return outcome.ok ? { ok: true } : outcome;
    },
  };
}

/**
 * Undefined when each item is for a device that exists, expires within the time that the relay keeps anything, and is not
 * one too many of this sender's for that account. To one's own devices one may send what one likes.
 */
export async function judgeDeliveries(
  deliveries: readonly Delivery[],
  today: number,
  sender: AccountId,
  deps: Pick<InboxRequestsDeps, 'knowsDevice' | 'quotas'>,
): Promise<Refusal | undefined> {
  for (const { account, device, expiryDay } of deliveries) {
    if (expiryDay < today || expiryDay > today + LIMITS.entryDaysMax)
      return { ok: false, code: 'bad_request' };
    if (!(await deps.knowsDevice(account, device))) return { ok: false, code: 'device_unknown' };
    if (equalBytes(account, sender)) continue;
    const refusal = await deps.quotas.takeDelivery(sender, account);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** Tells a device of a new item, wherever it is connected. */
export function announceItem({ inboxFeeds, tellOthers }: Announcing, delivery: Delivery, seq: number): void {
  const { account, device, expiryDay, body } = delivery;
  inboxFeeds.bring(delivery, { seq, expiryDay, body });
  tellOthers({ kind: 'inbox', account, device, seq });
}
