import type { RelayKeys } from '../auth/relay-keys.ts';
import type { Clock, Random } from '../clock.ts';
import type { Log } from '../log.ts';
import type { MailStore } from '../store/mail-store.ts';
import type { Mailer } from './mailer.ts';
import { type After, createQueueRunner } from './queue-runner.ts';
import { sealMail } from './sealed-mail.ts';
import type { MailTransport } from './transport.ts';

export interface QueuedMailerDeps {
  readonly store: MailStore;
  readonly keys: RelayKeys;
  readonly transport: MailTransport;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Timers, when a test wants to turn them itself. */
  readonly after?: After;
}

/** Begins at once with what an earlier process left in the queue. */
export function createQueuedMailer(deps: QueuedMailerDeps): Mailer {
  const { store, keys, clock, random } = deps;
  const runner = createQueueRunner(deps);
  runner.wake();
  return {
    on: true,
    async send(mail) {
      const sealed = sealMail(keys, mail);
      await store.put({ id: random(16), sealed, dueAt: clock(), expiresAt: mail.expiresAt });
      runner.wake();
    },
    close: () => runner.close(),
  };
}
