import { stdout } from 'node:process';
import type { Config } from '../config.ts';
import { createConsoleTransport } from './console.ts';
import { createSilentMailer, type Mailer } from './mailer.ts';
import { createQueuedMailer, type QueuedMailerDeps } from './queued-mailer.ts';
import type { MailTransport } from './transport.ts';

/** The mailer of a relay as it is configured. Only one that has a mail server loads what speaks to it. */
export async function openMailer(
  mail: Config['mail'],
  deps: Omit<QueuedMailerDeps, 'transport'> & { readonly origin: string },
): Promise<Mailer> {
  return mail === undefined
    ? createSilentMailer()
    : createQueuedMailer({ ...deps, transport: await openTransport(mail, deps.origin) });
}

async function openTransport(mail: NonNullable<Config['mail']>, origin: string): Promise<MailTransport> {
  if (!('port' in mail)) return createConsoleTransport((text) => void stdout.write(text));
  const { chooseSender, createSmtpTransport } = await import('./smtp.ts');
  return createSmtpTransport({ ...mail, from: chooseSender(mail, origin) });
}
