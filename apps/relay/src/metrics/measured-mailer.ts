import type { Mailer } from '../mail/mailer.ts';
import type { Metrics } from './metrics.ts';

/** The same mailer, counted. Mails that go to nobody count as well: nobody learns from the count which accounts there are. */
export function measureMailer(mailer: Mailer, metrics: Pick<Metrics, 'mailQueued'>): Mailer {
  return {
    get on() {
      return mailer.on;
    },
    async send(mail) {
      await mailer.send(mail);
      metrics.mailQueued();
    },
    close: () => mailer.close(),
  };
}
