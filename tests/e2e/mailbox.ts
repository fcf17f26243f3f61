import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

/** A mail as it arrived, whole. */
interface Mail {
  readonly to: string;
  readonly from: string;
  readonly text: string;
}

/** A real SMTP server on loopback that keeps what it is given. */
export interface Mailbox {
  readonly port: number;
  /** All that came for an address, oldest first. */
  mailsTo(address: string): readonly Mail[];
  /** The code in the next mail to an address after `seen` mails; waits for it. */
  codeFor(address: string, seen?: number): Promise<string>;
  close(): Promise<void>;
}

export async function openMailbox(): Promise<Mailbox> {
  const mails: Mail[] = [];
  const waiting = new Set<() => void>();
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const from = session.envelope.mailFrom === false ? '' : session.envelope.mailFrom.address;
        for (const { address } of session.envelope.rcptTo) mails.push({ to: address, from, text });
        done();
        for (const wake of [...waiting]) wake();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const mailsTo = (address: string) => mails.filter(({ to }) => to === address);
  return {
    port: (server.server.address() as AddressInfo).port,
    mailsTo,
    async codeFor(address, seen = 0) {
      for (;;) {
        const mail = mailsTo(address)
          .slice(seen)
          .find(({ text }) => CODE.test(text));
        if (mail !== undefined) return CODE.exec(mail.text)?.[1] ?? '';
        await new Promise<void>((resolve) => {
          const wake = () => {
            waiting.delete(wake);
            resolve();
          };
          waiting.add(wake);
        });
      }
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** A code stands on a line of its own. */
const CODE = /^ *(\d{8}) *\r?$/m;
