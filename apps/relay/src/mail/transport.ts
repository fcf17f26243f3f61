import type { Email } from '@sotto/protocol';

/** A mail with somebody to go to. The address is checked by its schema; subject and text are of `texts.ts`. */
export interface AddressedMail {
  readonly to: Email;
  readonly subject: string;
  readonly text: string;
}

/**
 * What became of one attempt. `refused`: this mail, for good. `later`: this mail, for now. `unreachable`: no mail at all
 * can be sent now (no server, no TLS, a wrong password, a refused sender). `reason` quotes no server and no address.
 */
export type Delivery =
  | { readonly outcome: 'sent' }
  | { readonly outcome: 'refused' | 'later' | 'unreachable'; readonly reason: DeliveryFailure };

export interface DeliveryFailure {
  /** Of nodemailer, such as `EAUTH`, or of the system. */
  readonly code: string | undefined;
  /** Of the system or of TLS, beneath it: such as `ECONNREFUSED`. */
  readonly cause?: string;
  /** Which command failed, such as `RCPT TO`. */
  readonly command: string | undefined;
  /** Of SMTP, such as 550. */
  readonly status: number | undefined;
}

/** What carries mail away. */
export interface MailTransport {
  /** Never rejects, and ends within `DELIVERY_MS`. */
  deliver(mail: AddressedMail): Promise<Delivery>;
  /** Lets go of connections; what is under way fails. */
  close(): void;
}

/** The longest that one delivery may take. */
export const DELIVERY_MS = 45_000;
