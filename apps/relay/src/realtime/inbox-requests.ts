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
import type { DailyQuota } from './daily-quota.ts';
import { bytesKey } from './fan-out.ts';
import type { Handlers, NotifyDevice } from './handlers.ts';

export interface InboxRequestsDeps {
  readonly inboxes: InboxStore;
  readonly clock: Clock;
  readonly knowsDevice: (account: AccountId, device: DeviceId) => Promise<boolean>;
  /** What one account leaves with another. */
  readonly deliveries: DailyQuota;
  readonly notifyDevice: NotifyDevice;
}

export function createInboxRequests(
  deps: InboxRequestsDeps,
): Pick<Handlers, 'inbox:append' | 'inbox:read' | 'inbox:trim'> {
  const { inboxes, clock, notifyDevice } = deps;
  return {
    async 'inbox:append'(delivery, { session }) {
      const today = dayOf(clock());
      const refusal = await judgeDeliveries([delivery], today, session.account, deps);
      if (refusal !== undefined) return refusal;
      const outcome = await inboxes.appendItem(delivery, today);
      if (!outcome.ok) return outcome;
      announceItem(notifyDevice, delivery, outcome.seq);
      return { ok: true };
    },
    async 'inbox:read'({ after }, { session }) {
      const outcome = await inboxes.readItems(session, after, dayOf(clock()));
      return outcome.ok ? { ok: true, run: encodeInboxRun(outcome.items) } : outcome;
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
  deps: Pick<InboxRequestsDeps, 'knowsDevice' | 'deliveries'>,
): Promise<Refusal | undefined> {
  for (const { account, device, expiryDay } of deliveries) {
    if (expiryDay < today || expiryDay > today + LIMITS.entryDaysMax)
      return { ok: false, code: 'bad_request' };
    if (!(await deps.knowsDevice(account, device))) return { ok: false, code: 'device_unknown' };
    if (equalBytes(account, sender)) continue;
    if (!deps.deliveries.take(bytesKey(sender) + bytesKey(account)))
      return { ok: false, code: 'quota_exceeded' };
  }
  return undefined;
}

/** Tells a device of a new item. */
export function announceItem(notifyDevice: NotifyDevice, delivery: Delivery, seq: number): void {
  const { account, device, expiryDay, body } = delivery;
  notifyDevice(account, device, 'inbox:items', { run: encodeInboxRun([{ seq, expiryDay, body }]) });
}
