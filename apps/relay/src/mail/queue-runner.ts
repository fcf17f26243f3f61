import type { RelayKeys } from '../auth/relay-keys.ts';
import type { Clock } from '../clock.ts';
import { describeError, type Log } from '../log.ts';
import type { MailStore, WaitingMail } from '../store/mail-store.ts';
import { openMail } from './sealed-mail.ts';
import { DELIVERY_MS, type Delivery, type MailTransport } from './transport.ts';

/** Runs `work` once, after so many milliseconds; the answer calls it off. */
export type After = (ms: number, work: () => void) => () => void;

export interface QueueRunnerDeps {
  readonly store: MailStore;
  readonly keys: RelayKeys;
  readonly transport: MailTransport;
  readonly clock: Clock;
  readonly log: Log;
  readonly after?: After;
}

/** Carries away what is due in the queue, here and left behind by nodes that are gone. */
export interface QueueRunner {
  /** Something may be due. */
  wake(): void;
  close(): Promise<void>;
}

type Taken = WaitingMail & { readonly attempt: number };

/** Mails under way at once. */
const WORKERS = 3;
/** A mail that was taken is due again after this, should its node die: longer than any delivery. */
const LEASE_MS = DELIVERY_MS + 15_000;
/** How often the queue is looked at when nothing wakes it. */
const POLL_MS = 5000;
/** Before the next attempt with one mail, and with a server that takes none. Then as the last one. */
const DELAYS_MS = [5000, 30_000, 120_000, 300_000, 900_000];
/** Nobody's code waits longer than this for a server that is back. */
const LONGEST_PAUSE_MS = 60_000;
/** For what is under way when the relay stops. */
const CLOSE_MS = 4000;

export function createQueueRunner(deps: QueueRunnerDeps): QueueRunner {
  const { store, keys, transport, clock, log, after = afterWithTimer } = deps;
  const underWay = new Map<Taken, Promise<void>>();
  const timer = createAlarm(after);
  let workers = 0;
  let failuresInARow = 0;
  let pausedUntil = 0;
  let closed = false;

  const wake = (): void => {
    if (closed) return;
    // A clock that went back makes no pause longer.
    pausedUntil = Math.min(pausedUntil, clock() + LONGEST_PAUSE_MS);
    const pause = pausedUntil - clock();
    timer.set(Math.max(pause, pause > 0 ? 0 : POLL_MS), wake);
    if (pause <= 0 && workers < WORKERS) void work();
  };
  /** One worker: takes what is due until there is nothing, or no server to take it to. */
  const work = async (): Promise<void> => {
    workers += 1;
    try {
      while (!closed && pausedUntil <= clock()) {
        const mail = await store.take(clock(), clock() + LEASE_MS);
        if (mail === undefined) break;
        // There may be more: another one looks.
        if (workers < WORKERS) void work();
        const handled = handle(mail);
        underWay.set(mail, handled);
        await handled.finally(() => underWay.delete(mail));
      }
    } catch (error) {
      // The store is away: what was taken is due again by itself.
      log.warn(describeError(error), 'mail queue failed');
      pauseFor(POLL_MS);
    } finally {
      workers -= 1;
    }
  };
  const pauseFor = (ms: number): void => {
    pausedUntil = clock() + ms;
    if (!closed) timer.set(ms, wake);
  };
  const handle = async (mail: Taken): Promise<void> => {
    const content = openMail(keys, mail.sealed);
    if (content === undefined) log.warn({}, 'a waiting mail does not open: was relay-key replaced?');
    const to = content?.to;
    // One that goes to nobody ends here, as late as the others.
    if (content === undefined || to === undefined || content.expiresAt <= clock())
      return store.remove(mail.id);
    const delivery = await transport.deliver({ to, subject: content.subject, text: content.text });
    await settle(mail, delivery, content.expiresAt);
  };
  const settle = async (mail: Taken, delivery: Delivery, expiresAt: number): Promise<void> => {
    if (delivery.outcome !== 'unreachable') failuresInARow = 0;
    if (delivery.outcome === 'sent') return store.remove(mail.id);
    if (delivery.outcome === 'refused') {
      log.warn(delivery.reason, 'mail refused for good');
      return store.remove(mail.id);
    }
    log.warn({ ...delivery.reason, attempt: mail.attempt }, 'mail not sent yet');
    if (delivery.outcome === 'unreachable') pauseForServer();
    // A server that takes no mail says nothing about this one: it is due as soon as there is a server again.
    const dueAt = clock() + (delivery.outcome === 'later' ? delayOf(mail.attempt - 1) : 0);
    if (dueAt < expiresAt) return store.postpone(mail.id, dueAt);
    log.warn({ attempt: mail.attempt }, 'mail given up: it came too late');
    return store.remove(mail.id);
  };
  const pauseForServer = (): void => {
    // Workers that fail together are one failure.
    if (pausedUntil > clock()) return;
    pauseFor(Math.min(delayOf(failuresInARow), LONGEST_PAUSE_MS));
    failuresInARow += 1;
  };

  return {
    wake,
    async close() {
      closed = true;
      timer.clear();
      await settleWithin(CLOSE_MS, [...underWay.values()]);
      transport.close();
      // What was not finished is due at the next start, not after its lease.
      for (const mail of underWay.keys()) {
        await store.postpone(mail.id, clock()).catch((error: unknown) => {
          log.warn(describeError(error), 'mail queue failed');
        });
      }
    },
  };
}

function delayOf(failures: number): number {
  return DELAYS_MS[Math.min(failures, DELAYS_MS.length - 1)] ?? 0;
}

/** One timer that can be set again. */
function createAlarm(after: After): { set(ms: number, work: () => void): void; clear(): void } {
  let cancel = (): void => {};
  return {
    set(ms, work) {
      cancel();
      cancel = after(ms, work);
    },
    clear: () => cancel(),
  };
}

function afterWithTimer(ms: number, work: () => void): () => void {
  const timer = setTimeout(work, ms);
  timer.unref();
  return () => clearTimeout(timer);
}

async function settleWithin(ms: number, work: readonly Promise<void>[]): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([Promise.allSettled(work), late]);
  clearTimeout(timer);
}
