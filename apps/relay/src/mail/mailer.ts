import type { Email } from '@sotto/protocol';

export interface OutgoingMail {
  /** Undefined: nobody is written to, and nobody can tell from outside. */
  readonly to: Email | undefined;
  readonly subject: string;
  readonly text: string;
  /** Milliseconds since 1970: after it the mail is worth nothing and is dropped. */
  readonly expiresAt: number;
}

/** Sends mail. No request ever waits for a mail server. */
export interface Mailer {
  /** False: this relay sends no mail. */
  readonly on: boolean;
  /** Durable in the queue when it resolves; sent later. `to` undefined: written alike, sent to nobody (unknown accounts). */
  send(mail: OutgoingMail): Promise<void>;
  /** Finishes what is under way, within seconds; the rest waits in the queue for the next start. */
  close(): Promise<void>;
}

/** For a relay without a mail server: whoever asks `on` sends nothing, and nothing is kept. */
export function createSilentMailer(): Mailer {
  return { on: false, send: async () => {}, close: async () => {} };
}
