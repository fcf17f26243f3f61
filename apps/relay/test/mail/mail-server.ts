import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer, type SMTPServerOptions, type SMTPServerSession } from 'smtp-server';
import { makeCertificate } from './certificate.ts';

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  /** Headers and text as they came. */
  readonly source: string;
  readonly encrypted: boolean;
  readonly user: string | undefined;
}

export interface MailServerOptions {
  /** The account it wants to be signed in with; anybody may send when not given. */
  readonly account?: { readonly user: string; readonly password: string };
  /** Speaks no TLS at all. */
  readonly plain?: boolean;
  /** Speaks TLS from the first byte. */
  readonly secure?: boolean;
  readonly port?: number;
  readonly server?: SMTPServerOptions;
}

/** A refusal with a status of SMTP. */
export function smtpError(status: number, said = 'no'): Error {
  return Object.assign(new Error(said), { responseCode: status });
}

/** A real mail server on a free port of this machine, with a certificate of its own. */
export async function startMailServer(options: MailServerOptions = {}) {
  const certificate = makeCertificate();
  const received: ReceivedMail[] = [];
  const waiting: { count: number; resolve(): void }[] = [];
  /** What it answers to a recipient; an error is a refusal. */
  const behaviour = { onRecipient: (_address: string): Error | undefined => undefined, connections: 0 };
  const server = new SMTPServer({
    ...certificate,
    ...(options.secure && { secure: true }),
    hideSTARTTLS: options.plain === true,
    authOptional: options.account === undefined,
    disabledCommands: [
      ...(options.account === undefined ? ['AUTH'] : []),
      ...(options.plain === true ? ['STARTTLS'] : []),
    ],
    allowInsecureAuth: options.plain === true,
    logger: false,
    closeTimeout: 100,
    onConnect: (_session, done) => {
      behaviour.connections += 1;
      done();
    },
    onAuth: ({ username, password }, _session, done) => {
      const { account } = options;
      if (username === account?.user && password === account?.password) return done(null, { user: username });
      done(smtpError(535, 'wrong'));
    },
    onRcptTo: ({ address }, _session, done) => done(behaviour.onRecipient(address)),
    onData: (stream, session, done) => {
      void text(stream).then((source) => {
        received.push(describeMail(session, source));
        done();
        for (const wait of waiting) if (received.length >= wait.count) wait.resolve();
      });
    },
    ...options.server,
  });
  // A client that hangs up during a handshake is what some tests are about.
  server.on('error', () => {});
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(options.port ?? 0, '127.0.0.1', resolve);
  await promise;
  return {
    port: (server.server.address() as AddressInfo).port,
    ca: certificate.cert,
    received,
    behaviour,
    /** Resolves when so many mails have come. */
    async receive(count: number): Promise<readonly ReceivedMail[]> {
      if (received.length < count) {
        const wait = Promise.withResolvers<void>();
        waiting.push({ count, resolve: wait.resolve });
        await wait.promise;
      }
      return received;
    },
    close: () => new Promise<void>((done) => server.close(() => done())),
  };
}

export type MailServer = Awaited<ReturnType<typeof startMailServer>>;

function describeMail({ envelope, secure, user }: SMTPServerSession, source: string): ReceivedMail {
  return {
    from: envelope.mailFrom === false ? '' : envelope.mailFrom.address,
    to: envelope.rcptTo.map(({ address }) => address),
    source,
    encrypted: secure,
    user: typeof user === 'string' ? user : undefined,
  };
}
