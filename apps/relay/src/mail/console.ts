import type { MailTransport } from './transport.ts';

/** Prints mails instead of sending them: for development. */
export function createConsoleTransport(print: (text: string) => void): MailTransport {
  return {
    async deliver({ to, subject, text }) {
      print(`--- mail to ${to}: ${subject}\n${text}---\n`);
      return { outcome: 'sent' };
    },
    close: () => {},
  };
}
