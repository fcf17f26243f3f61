import type { Email } from '@sotto/protocol';
import type { Mailer, OutgoingMail } from './mail/mailer.ts';

/** A post office that keeps what it is given: for tests that read other people's mail. */
export interface Mailbox extends Mailer {
  /** All that was sent, to nobody too. */
  readonly mails: readonly OutgoingMail[];
  /** The code in the last mail to an address. Throws when there is none. */
  codeFor(email: string): string;
}

export function createMailbox(): Mailbox {
  const mails: OutgoingMail[] = [];
  return {
    on: true,
    mails,
    send: async (mail) => void mails.push(mail),
    close: async () => {},
    codeFor(email) {
      const mail = mails.findLast(({ to }) => to === (email as Email));
      const code = /\b\d{8}\b/.exec(mail?.text ?? '')?.[0];
      if (code === undefined) throw new Error(`no code was mailed to ${email}`);
      return code;
    },
  };
}

/** A relay that sends no mail. */
export const NO_MAIL: Mailer = { on: false, send: async () => {}, close: async () => {} };
