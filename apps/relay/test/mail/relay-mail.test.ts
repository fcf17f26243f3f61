import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { dial } from '../http/dial.ts';
import { createPerson } from '../http/person.ts';
import { createMachine, type Machine } from '../operator/processes.ts';
import { startMailServer } from './mail-server.ts';

let machine: Machine;
beforeEach(async () => {
  machine = await createMachine();
});
afterEach(() => machine.close());

const codeIn = (source: string | undefined) => /^ {4}(\d{8})\r?$/m.exec(source ?? '')?.[1] ?? '';

it('[MAIL7] a code that was asked for while the mail server was down comes after relay and server are back', async () => {
  const first = await startMailServer({ plain: true });
  const { port } = first;
  await first.close();
  const settings = { MAIL_SERVER: '127.0.0.1', MAIL_PORT: String(port), SOTTO_REQUIRE_EMAIL: '1' };
  const relay = await machine.start(settings);
  const alice = createPerson(dial(relay), 'alice');
  const asked = performance.now();
  const { value } = await alice.call('registerEmail', {
    body: { email: 'alice@example.org', work: await alice.solveWork() },
  });
  if (!('ticket' in value)) throw new Error(value.code);
  // No request waits for a mail server: less than its shortest timeout, on a busy machine too.
  expect(performance.now() - asked).toBeLessThan(9000);
  // Killed in the middle of an attempt, its mail would wait a minute for the next one.
  await vi.waitFor(() => expect(relay.output.err).toContain('mail not sent yet'), { timeout: 30_000 });
  await relay.stop('SIGKILL');

  const server = await startMailServer({ plain: true, port });
  await machine.start({ ...settings, PORT: new URL(relay.origin).port });
  const [mail] = await server.receive(1);
  expect(mail).toMatchObject({ from: 'sotto@localhost', to: ['alice@example.org'] });
  expect(mail?.source).toContain(relay.origin);
  const verified = await alice.call('registerEmailVerify', {
    body: { ticket: value.ticket, code: codeIn(mail?.source) },
  });
  if (!('proof' in verified.value)) throw new Error(verified.value.code);
  expect(await alice.register('a password', {}, { email: verified.value.proof })).toMatchObject({
    username: 'alice',
  });
  await server.close();
}, 120_000);

it('[MAIL5] without a mail server, for development, the relay prints its mails', async () => {
  const relay = await machine.start({ MAIL_SERVER: 'console' });
  const alice = createPerson(dial(relay), 'alice');
  const body = { email: 'alice@example.org', work: await alice.solveWork() };
  expect((await alice.call('registerEmail', { body })).status).toBe(200);
  const { out } = await relay.stop();
  expect(out).toContain('--- mail to alice@example.org: Your code for a new Sotto account\n');
  expect(codeIn(out)).toMatch(/^\d{8}$/);
}, 60_000);
