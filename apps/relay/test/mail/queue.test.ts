import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Email, email } from '@sotto/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRelayKeys } from '../../src/auth/relay-keys.ts';
import type { Log } from '../../src/log.ts';
import type { Mailer } from '../../src/mail/mailer.ts';
import { createQueuedMailer } from '../../src/mail/queued-mailer.ts';
import { sealMail } from '../../src/mail/sealed-mail.ts';
import { createSmtpTransport } from '../../src/mail/smtp.ts';
import { openMemoryStores, openSqliteStores } from '../../src/open-stores.ts';
import type { MailStore } from '../../src/store/mail-store.ts';
import { type MailServer, type MailServerOptions, smtpError, startMailServer } from './mail-server.ts';

const alice = email.parse('alice@example.org');
const bob = email.parse('bob@example.org');
const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
const keys = createRelayKeys(new Uint8Array(32).fill(3), random);

let server: MailServer;
let now: number;
let lines: string[];
let mailers: Mailer[];
let timers: Map<object, { at: number; work: () => void }>;
beforeEach(() => {
  now = Date.UTC(2026, 0, 1);
  lines = [];
  mailers = [];
  timers = new Map();
});
afterEach(async () => {
  for (const mailer of mailers) await mailer.close();
  await server.close();
});

const write = (fields: object, event: string) => void lines.push(JSON.stringify({ event, ...fields }));
const log: Log = { info: write, warn: write, error: write };

/** Timers that go off when the test says what time it is. */
function after(ms: number, work: () => void) {
  const key = {};
  timers.set(key, { at: now + ms, work });
  return () => void timers.delete(key);
}
function passTime(ms: number) {
  now += ms;
  for (const [key, { at, work }] of [...timers]) {
    if (at > now || !timers.delete(key)) continue;
    work();
  }
}

/** What the sender does with each mail, for a test to wait for. */
function watch(store: MailStore) {
  const steps: string[] = [];
  const waiting: { step: string; resolve(): void }[] = [];
  const note = (step: string) => {
    steps.push(step);
    for (const wait of waiting.splice(0)) wait.step === step ? wait.resolve() : waiting.push(wait);
  };
  const watched: MailStore = {
    ...store,
    async postpone(id, dueAt) {
      await store.postpone(id, dueAt);
      note(`again in ${(dueAt - now) / 1000} s`);
    },
    async remove(id) {
      await store.remove(id);
      note('removed');
    },
  };
  const next = (step: string) => new Promise<void>((resolve) => waiting.push({ step, resolve }));
  return { store: watched, steps, next };
}

async function startMailer(store: MailStore, options: MailServerOptions = {}, password?: string) {
  server ??= await startMailServer(options);
  const { port, ca } = server;
  const { account } = options;
  const transport = createSmtpTransport({
    server: 'localhost',
    port,
    ca,
    from: 'sotto@chat.example',
    ...(account !== undefined && { username: account.user, password: password ?? account.password }),
  });
  const mailer = createQueuedMailer({ store, keys, transport, clock: () => now, random, log, after });
  mailers.push(mailer);
  return mailer;
}

const codeFor = (to: Email | undefined, seconds = 300) => ({
  to,
  subject: 'Your code',
  text: 'Code:\n\n    12345678\n',
  expiresAt: now + seconds * 1000,
});

describe('a mail that waits', () => {
  beforeEach(async () => {
    server = await startMailServer();
  });

  it('[MAIL7] is in the queue when its request is answered, and leaves it when it is sent', async () => {
    const { store, next } = watch(openMemoryStores().accountStores.mail);
    const removed = next('removed');
    const mailer = await startMailer(store);
    await mailer.send(codeFor(alice));
    await server.receive(1);
    await removed;
    expect(server.received).toMatchObject([{ to: [alice], from: 'sotto@chat.example' }]);
    expect(await store.take(now + 200_000, now)).toBeUndefined();
  });

  it('[MAIL8] that goes to nobody is written, taken and dropped like the others, and looks like them', async () => {
    const sizes: number[] = [];
    const memory = openMemoryStores().accountStores.mail;
    const { store, next, steps } = watch({
      ...memory,
      put: (mail) => {
        sizes.push(mail.sealed.length);
        return memory.put(mail);
      },
    });
    const mailer = await startMailer(store);
    for (const to of [undefined, alice]) {
      const removed = next('removed');
      await mailer.send(codeFor(to));
      await removed;
    }
    expect(steps).toEqual(['removed', 'removed']);
    expect(sizes[0]).toBe(sizes[1]);
    expect(server.received).toMatchObject([{ to: [alice] }]);
  });

  it('[MAIL9] for a server that says later is tried again, less and less often, and given up when it is too late', async () => {
    const { store, next, steps } = watch(openMemoryStores().accountStores.mail);
    server.behaviour.onRecipient = () => smtpError(451, 'later, alice@example.org');
    const mailer = await startMailer(store);
    let step = next('again in 5 s');
    await mailer.send(codeFor(alice, 200));
    await step;
    step = next('again in 30 s');
    passTime(5000);
    await step;
    step = next('again in 120 s');
    passTime(30_000);
    await step;
    step = next('removed');
    passTime(120_000);
    await step;
    expect(steps).toEqual(['again in 5 s', 'again in 30 s', 'again in 120 s', 'removed']);
    expect(server.received).toEqual([]);
    expect(lines.join('\n')).not.toContain('alice');
  });

  it('[MAIL9] for a server that says later gets through when it says yes, and others do not wait for it', async () => {
    const { store, next } = watch(openMemoryStores().accountStores.mail);
    server.behaviour.onRecipient = (address) => (address === alice ? smtpError(451) : undefined);
    const mailer = await startMailer(store);
    const later = next('again in 5 s');
    await mailer.send(codeFor(alice));
    await later;
    await mailer.send(codeFor(bob));
    await server.receive(1);
    server.behaviour.onRecipient = () => undefined;
    passTime(5000);
    await server.receive(2);
    expect(server.received.map(({ to }) => to[0])).toEqual([bob, alice]);
  });

  it('[MAIL10] that is refused for good goes, with a line that names nobody', async () => {
    const { store, next, steps } = watch(openMemoryStores().accountStores.mail);
    server.behaviour.onRecipient = () => smtpError(550, 'no alice@example.org here');
    const mailer = await startMailer(store);
    const removed = next('removed');
    await mailer.send(codeFor(alice));
    await removed;
    expect(steps).toEqual(['removed']);
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { event: 'mail refused for good', code: 'EENVELOPE', command: 'RCPT TO', status: 550 },
    ]);
  });

  it('[MAIL4] with an address that could become a header is never taken into the queue', async () => {
    const { store } = watch(openMemoryStores().accountStores.mail);
    const mailer = await startMailer(store);
    const hostile = 'alice@example.org\r\nBcc: eve@evil.example' as Email;
    await expect(mailer.send(codeFor(hostile))).rejects.toThrow();
    await expect(mailer.send({ ...codeFor(alice), subject: 'a\r\nBcc: eve@evil.example' })).rejects.toThrow();
    expect(await store.take(now, now)).toBeUndefined();
  });
});

describe('a mail server that is away', () => {
  it('[MAIL9] is left alone for a while, and then gets all that waited', async () => {
    server = await startMailServer();
    const { port } = server;
    await server.close();
    const { store, next } = watch(openMemoryStores().accountStores.mail);
    const mailer = await startMailer(store);
    const later = next('again in 0 s');
    await mailer.send(codeFor(alice));
    await later;
    await mailer.send(codeFor(bob));
    const again = next('again in 0 s');
    passTime(5000);
    await again;
    server = await startMailServer({ port });
    passTime(30_000);
    // Its certificate is a new one, which this sender does not trust: the next one does.
    await mailer.close();
    await startMailer(store);
    await server.receive(2);
    expect(server.received.map(({ to }) => to[0]).sort()).toEqual([alice, bob]);
  });

  it('[AUTH86] is not left alone for longer because the clock goes back meanwhile', async () => {
    server = await startMailServer();
    const { port } = server;
    await server.close();
    const { store, next } = watch(openMemoryStores().accountStores.mail);
    now += 24 * 3_600_000;
    const mailer = await startMailer(store);
    const later = next('again in 0 s');
    await mailer.send(codeFor(alice));
    await later;
    const failed = lines.length;
    now -= 24 * 3_600_000;
    for (const timer of timers.values()) timer.at -= 24 * 3_600_000;
    await mailer.send(codeFor(bob));
    expect(lines).toHaveLength(failed);
    const again = next('again in 0 s');
    passTime(60_000);
    passTime(60_000);
    await again;
    server = await startMailServer({ port });
  });

  it('[MAIL9] for a wrong password is not asked again and again', async () => {
    const account = { user: 'relay', password: 'right' };
    server = await startMailServer({ account });
    const { store, next } = watch(openMemoryStores().accountStores.mail);
    const mailer = await startMailer(store, { account }, 'wrong');
    const later = next('again in 0 s');
    await mailer.send(codeFor(alice));
    await later;
    for (let i = 0; i < 20; i++) await mailer.send(codeFor(bob));
    passTime(4999);
    await mailer.close();
    expect(server.behaviour.connections).toBe(1);
    expect(lines.join('\n')).toContain('"status":535');
    expect(lines.join('\n')).not.toMatch(/wrong|relay@|alice|bob/);
  });
});

describe('a restart', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sotto-mail-'));
    server = await startMailServer();
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('[MAIL7] loses no mail, and neither address nor code stands on the disk', async () => {
    const first = openSqliteStores(folder);
    server.behaviour.onRecipient = () => smtpError(451);
    const { store, next } = watch(first.accountStores.mail);
    const mailer = await startMailer(store);
    const later = next('again in 5 s');
    await mailer.send(codeFor(alice));
    await later;
    await mailer.close();
    await first.close();
    const files = (await readdir(folder)).filter((name) => /\.db/.test(name));
    const disk = Buffer.concat(await Promise.all(files.map((name) => readFile(join(folder, name)))));
    expect(disk.length).toBeGreaterThan(4096);
    expect(disk.includes('example.org')).toBe(false);
    expect(disk.includes('12345678')).toBe(false);

    server.behaviour.onRecipient = () => undefined;
    now += 5000;
    const second = openSqliteStores(folder);
    await startMailer(second.accountStores.mail);
    await server.receive(1);
    expect(server.received).toMatchObject([{ to: [alice] }]);
    await mailers.pop()?.close();
    await second.close();
  });

  it('[MAIL7] of a node that was killed while it sent leaves its mail to the next, a minute later', async () => {
    const { store } = watch(openMemoryStores().accountStores.mail);
    const killed = await startMailer(store);
    server.behaviour.onRecipient = () => smtpError(451);
    await killed.close();
    await store.put({ id: random(16), sealed: sealedFor(alice), dueAt: now, expiresAt: now + 300_000 });
    // Taken, and never heard of again.
    expect(await store.take(now, now + 60_000)).toBeDefined();
    server.behaviour.onRecipient = () => undefined;
    await startMailer(store);
    passTime(59_000);
    expect(server.received).toEqual([]);
    passTime(5000);
    await server.receive(1);
  });
});

function sealedFor(to: Email): Uint8Array {
  return sealMail(keys, codeFor(to));
}
