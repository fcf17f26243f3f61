import { email } from '@sotto/protocol';
import { createTransport } from 'nodemailer';
import type { SmtpConfig } from '../config.ts';
import {
  type AddressedMail,
  DELIVERY_MS,
  type Delivery,
  type DeliveryFailure,
  type MailTransport,
} from './transport.ts';

export interface SmtpOptions extends Omit<SmtpConfig, 'from'> {
  /** Sender address. */
  readonly from: string;
  /** Certificates to trust instead of the system's: for tests. PEM. */
  readonly ca?: string;
}

const CONNECTIONS = 3;
const NOT_AN_ADDRESS: DeliveryFailure = { code: 'EENVELOPE', command: undefined, status: undefined };

/** Mail by SMTP (RFC 5321), over connections that are kept for the next one. */
export function createSmtpTransport(options: SmtpOptions): MailTransport {
  const pool = connectTo(options);
  return {
    async deliver({ to, subject, text }: AddressedMail): Promise<Delivery> {
      // The library would read several addresses, or a header, out of a text that holds them.
      if (!email.safeParse(to).success) return { outcome: 'refused', reason: NOT_AN_ADDRESS };
      try {
        await pool.sendMail({
          from: { name: 'Sotto', address: options.from },
          to: { name: '', address: to },
          // What the server is told, as it stands: nothing is read out of a header.
          envelope: { from: options.from, to: [to] },
          subject,
          text,
          // RFC 3834: holiday notices and mailing lists keep still.
          headers: { 'Auto-Submitted': 'auto-generated' },
          signal: AbortSignal.timeout(DELIVERY_MS),
        });
        return { outcome: 'sent' };
      } catch (error) {
        return classifyFailure(error);
      }
    },
    close: () => pool.close({ force: true }),
  };
}

/** Why mail could not be sent now; undefined when it could. Connects, and signs in where there is a user name. */
export async function checkSmtp(options: SmtpOptions): Promise<DeliveryFailure | undefined> {
  const pool = connectTo(options);
  try {
    await pool.verify();
    return undefined;
  } catch (error) {
    return describeFailure(error);
  } finally {
    pool.close({ force: true });
  }
}

/**
 * Between this process and a server on the same machine nobody listens, so TLS is used there if it is offered. Everywhere
 * else a network could hide the offer to read the codes: there it is a must.
 */
export function isLoopback(server: string): boolean {
  return server === 'localhost' || server === '::1' || /^127(\.\d{1,3}){3}$/.test(server);
}

/** Who the mail is from, when the operator did not say. */
export function chooseSender({ from, username }: SmtpConfig, origin: string): string {
  if (from !== undefined) return from;
  const ofHost = email.safeParse(`sotto@${new URL(origin).hostname}`).data;
  return email.safeParse(username).data ?? ofHost ?? 'sotto@localhost';
}

function connectTo({ server, port, username, password, ca }: SmtpOptions) {
  const speaksTlsAtOnce = port === 465;
  return createTransport({
    pool: true,
    maxConnections: CONNECTIONS,
    // What fails comes again from our own queue, which a restart survives.
    maxRequeues: 0,
    host: server,
    port,
    secure: speaksTlsAtOnce,
    requireTLS: !speaksTlsAtOnce && !isLoopback(server),
    tls: { minVersion: 'TLSv1.2', rejectUnauthorized: true, ...(ca !== undefined && { ca }) },
    ...(username !== undefined && { auth: { user: username, pass: password ?? '' } }),
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 20_000,
    dnsTimeout: 10_000,
    // Nothing in a mail may name a file or an address to be fetched.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

function classifyFailure(error: unknown): Delivery {
  const reason = describeFailure(error);
  const { command, status = 0 } = reason;
  // Only these are about who is written to or what; all that comes before them would fail for every mail.
  if (command !== 'RCPT TO' && command !== 'DATA') return { outcome: 'unreachable', reason };
  // RFC 5321 §4.2.1: 5yz is for good; 503 says that the order of commands was off, not the mail.
  return { outcome: status >= 500 && status !== 503 ? 'refused' : 'later', reason };
}

function describeFailure(error: unknown): DeliveryFailure {
  const { code, originalCode, command, responseCode } = (error ?? {}) as Record<string, unknown>;
  return {
    code: typeof code === 'string' ? code : undefined,
    ...(typeof originalCode === 'string' && { cause: originalCode }),
    command: typeof command === 'string' ? command : undefined,
    status: typeof responseCode === 'number' ? responseCode : undefined,
  };
}
