import { stdout } from 'node:process';
import type { Config } from '../config.ts';
import { createConsoleTransport } from './console.ts';
import { createSilentMailer, type Mailer } from './mailer.ts';
import { createQueuedMailer, type QueuedMailerDeps } from './queued-mailer.ts';
import { chooseSender, createSmtpTransport } from './smtp.ts';
import type { MailTransport } from './transport.ts';

/** The mailer of a relay as it is configured. */
export function openMailer(
  mail: Config['mail'],
  deps: Omit<QueuedMailerDeps, 'transport'> & { readonly origin: string },
): Mailer {
  return mail === undefined
    ? createSilentMailer()
    : createQueuedMailer({ ...deps, transport: openTransport(mail, deps.origin) });
}

function openTransport(mail: NonNullable<Config['mail']>, origin: string): MailTransport {
  if (!('port' in mail)) return createConsoleTransport((text) => void stdout.write(text));
  return createSmtpTransport({ ...mail, from: chooseSender(mail, origin) });
}
