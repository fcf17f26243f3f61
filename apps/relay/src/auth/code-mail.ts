import type { Email, Username } from '@sotto/protocol';
import type { Clock } from '../clock.ts';
import type { Mailer } from '../mail/mailer.ts';
import { codeMail } from '../mail/texts.ts';
import type { Codes } from './codes.ts';

/** Makes the code of a ticket and mails it. */
export interface CodeMail {
  /** False: this relay sends no mail. */
  readonly on: boolean;
  /** Seconds that a ticket lives which waits for a code: time to fetch one, and another. */
  readonly ticketSeconds: number;
  /** `to` undefined: the same steps, a mail to nobody, and a code that nothing matches. */
  send(of: {
    readonly purpose: Parameters<typeof codeMail>[0]['purpose'];
    readonly ticket: { readonly id: Uint8Array; readonly expiresAt: number };
    readonly to: Email | undefined;
    readonly username: Username | undefined;
  }): Promise<void>;
}

export interface CodeMailDeps {
  readonly codes: Codes;
  readonly mailer: Mailer;
  readonly clock: Clock;
  /** How long a code serves. */
  readonly codeSeconds: number;
  readonly origin: () => string;
}

const SLACK_SECONDS = 900;

export function createCodeMail({ codes, mailer, clock, codeSeconds, origin }: CodeMailDeps): CodeMail {
  return {
    on: mailer.on,
    ticketSeconds: codeSeconds + SLACK_SECONDS,
    async send({ purpose, ticket, to, username }) {
      const expiresAt = Math.min(ticket.expiresAt, clock() + codeSeconds * 1000);
      const code = await codes.issue({ id: ticket.id, expiresAt }, to !== undefined);
      if (!mailer.on) return;
      const minutes = Math.ceil(codeSeconds / 60);
      const text = codeMail({ purpose, username, code, minutes, origin: origin() });
      await mailer.send({ to, ...text, expiresAt });
    },
  };
}
