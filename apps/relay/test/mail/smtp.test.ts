import { type Email, email } from '@sotto/protocol';
import { afterEach, expect, it } from 'vitest';
import { checkSmtp, chooseSender, createSmtpTransport, isLoopback } from '../../src/mail/smtp.ts';
import type { MailTransport } from '../../src/mail/transport.ts';
import { type MailServer, type MailServerOptions, smtpError, startMailServer } from './mail-server.ts';

const ACCOUNT = { user: 'relay', password: 'a mail password' };
const alice = email.parse('alice@example.org');
const mail = { to: alice, subject: 'Hello', text: 'Your code:\n\n    12345678\n' };

let server: MailServer;
let transport: MailTransport | undefined;
afterEach(async () => {
  transport?.close();
  await server.close();
});

async function connect(options: MailServerOptions = {}, changes: object = {}) {
  server = await startMailServer(options);
  const { port, ca } = server;
  const credentials = options.account && {
    username: options.account.user,
    password: options.account.password,
  };
  const settings = { server: 'localhost', port, from: 'sotto@chat.example', ca, ...credentials, ...changes };
  transport = createSmtpTransport(settings);
  return { transport, settings };
}

it('[MAIL1] goes out over STARTTLS, signed in, as one plain text to one address', async () => {
  const { transport, settings } = await connect({ account: ACCOUNT });
  expect(await checkSmtp(settings)).toBeUndefined();
  expect(await transport.deliver(mail)).toEqual({ outcome: 'sent' });
  const [received] = server.received;
  expect(received).toMatchObject({
    from: 'sotto@chat.example',
    to: ['alice@example.org'],
    encrypted: true,
    user: 'relay',
  });
  const source = received?.source ?? '';
  const headers = source.split('\r\n\r\n')[0] ?? '';
  expect(headers).toMatch(/^From: Sotto <sotto@chat.example>$/m);
  expect(headers).toMatch(/^To: alice@example.org$/m);
  expect(headers).toMatch(/^Subject: Hello$/m);
  expect(headers).toMatch(/^Auto-Submitted: auto-generated$/m);
  expect(headers).toMatch(/^Content-Type: text\/plain/m);
  expect(source).toContain('    12345678');
});

it('[MAIL1] keeps its connection for the next mail', async () => {
  const { transport } = await connect();
  for (let i = 0; i < 5; i++) expect(await transport.deliver(mail)).toEqual({ outcome: 'sent' });
  expect(server.received).toHaveLength(5);
  expect(server.behaviour.connections).toBe(1);
});

it('[MAIL2] to a server on another machine, nothing is said without TLS', async () => {
  expect(['localhost', '127.0.0.1', '127.9.9.9', '::1'].every(isLoopback)).toBe(true);
  expect(['mail.example', '127.0.0.1.example', 'localhost.example', '10.0.0.1'].some(isLoopback)).toBe(false);
  // A name that leads here and is none of this machine's own.
  const { transport } = await connect({ plain: true, account: ACCOUNT }, { server: 'LOCALHOST' });
  expect(await transport.deliver(mail)).toMatchObject({ outcome: 'unreachable' });
  expect(server.received).toEqual([]);
});

it('[MAIL2] on this machine a server without TLS will do', async () => {
  const { transport } = await connect({ plain: true, account: ACCOUNT });
  expect(await transport.deliver(mail)).toEqual({ outcome: 'sent' });
  expect(server.received).toMatchObject([{ encrypted: false, user: 'relay' }]);
});

it('[MAIL2] a server with a certificate that nobody vouches for gets neither password nor mail', async () => {
  const { transport } = await connect({ account: ACCOUNT }, { ca: undefined });
  expect(await transport.deliver(mail)).toMatchObject({
    outcome: 'unreachable',
    reason: { command: 'CONN' },
  });
  expect(server.received).toEqual([]);
});

it('[MAIL2] a server that speaks no TLS newer than 1.1 is refused', async () => {
  const { transport } = await connect({
    server: { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
  });
  expect(await transport.deliver(mail)).toMatchObject({ outcome: 'unreachable' });
  expect(server.received).toEqual([]);
});

it('[MAIL3] a wrong password, or no server, is about no mail in particular', async () => {
  const { transport, settings } = await connect({ account: ACCOUNT }, { password: 'wrong' });
  const reason = { code: 'EAUTH', command: 'AUTH PLAIN', status: 535 };
  expect(await transport.deliver(mail)).toEqual({ outcome: 'unreachable', reason });
  expect(await checkSmtp(settings)).toEqual(reason);
  await server.close();
  const nowhere = createSmtpTransport(settings);
  expect(await nowhere.deliver(mail)).toMatchObject({
    outcome: 'unreachable',
    reason: { code: 'ESOCKET', command: 'CONN' },
  });
  nowhere.close();
});

it.each([
  [550, 'refused'],
  [552, 'refused'],
  [450, 'later'],
  [451, 'later'],
  [503, 'later'],
])('[MAIL3] a recipient answered with %i is %s', async (status, outcome) => {
  const { transport } = await connect();
  server.behaviour.onRecipient = () => smtpError(status, 'alice@example.org is not here');
  const delivery = await transport.deliver(mail);
  expect(delivery).toEqual({ outcome, reason: { code: 'EENVELOPE', command: 'RCPT TO', status } });
});

it('[MAIL3] a server that hangs up in the middle is about no mail in particular', async () => {
  const { transport } = await connect();
  server.behaviour.onRecipient = () => smtpError(421, 'going down');
  const reason = { code: 'ECONNECTION', command: 'CONN', status: 421 };
  expect(await transport.deliver(mail)).toEqual({ outcome: 'unreachable', reason });
});

it('[MAIL3] a server that refuses the sender is about no mail in particular', async () => {
  const { transport } = await connect({
    server: { onMailFrom: (_address, _session, done) => done(smtpError(553, 'not yours')) },
  });
  expect(await transport.deliver(mail)).toMatchObject({
    outcome: 'unreachable',
    reason: { command: 'MAIL FROM', status: 553 },
  });
});

it.each([
  'alice@example.org\r\nBcc: eve@evil.example',
  'alice@example.org\nSubject: eve',
  'alice@example.org, eve@evil.example',
  'alice@example.org>\r\nRCPT TO:<eve@evil.example',
  '<alice@example.org>',
  'Alice <alice@example.org>',
  'alice@example.org;eve@evil.example',
  'group: alice@example.org, eve@evil.example;',
  '"alice\r\nDATA"@example.org',
  'alice@[127.0.0.1]',
  'alice@example.org\0',
  'alice@example.org ORCPT=x',
  'alice@exa\u202emple.org',
])('[MAIL4] %j is no address, to the schema and once more to who sends', async (hostile) => {
  expect(email.safeParse(hostile).success).toBe(false);
  const { transport } = await connect();
  expect(await transport.deliver({ ...mail, to: hostile as Email })).toMatchObject({ outcome: 'refused' });
  expect(server.received).toEqual([]);
});

it('[MAIL5] comes from MAIL_FROM, else from the user name if it is an address, else from the public host', () => {
  const smtp = { server: 'mail.example', port: 587 };
  const from = email.parse('chat@example.org');
  const origin = 'https://chat.example:8443';
  expect(chooseSender({ ...smtp, from, username: 'relay@example.org' }, origin)).toBe('chat@example.org');
  expect(chooseSender({ ...smtp, username: 'relay@example.org' }, origin)).toBe('relay@example.org');
  expect(chooseSender({ ...smtp, username: 'relay' }, origin)).toBe('sotto@chat.example');
  expect(chooseSender(smtp, 'http://localhost:3000')).toBe('sotto@localhost');
  expect(chooseSender(smtp, 'http://[::1]:3000')).toBe('sotto@localhost');
});
