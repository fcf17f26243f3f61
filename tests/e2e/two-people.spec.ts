import { DatabaseSync } from 'node:sqlite';
import { expect, test } from '@playwright/test';
import { Person } from './person.ts';
import { type RelayProcess, startRelayProcess } from './relay-process.ts';
import { SecretWatch } from './secrets.ts';

let relay: RelayProcess;
test.beforeAll(async () => {
  relay = await startRelayProcess();
});
test.afterAll(() => relay.remove());

test('[P1] [P4] [P6] alice and bob talk in two browsers, and the relay holds nothing it could read', async ({
  browser,
}) => {
  const alice = await Person.arrive(browser, 'alice', relay.origin);
  const bob = await Person.arrive(browser, 'bob', relay.origin);
  const watches = [await SecretWatch.on(alice.page), await SecretWatch.on(bob.page)];

  await test.step('they make accounts and find each other', async () => {
    await alice.createAccount();
    await bob.createAccount();
    await alice.open('bob');
  });

  await test.step('messages go both ways', async () => {
    await alice.say('the heron stands in the river');
    await bob.conversations.getByText('alice').click();
    await bob.sees('the heron stands in the river');
    await bob.say('and does not move');
    await alice.sees('and does not move');
    await expect(alice.messages.getByText('Delivered').first()).toBeAttached();
  });

  await test.step('a reload keeps the conversation', async () => {
    await bob.page.reload();
    await bob.expectSignedIn();
    await bob.conversations.getByText('alice').click();
    await bob.sees('the heron stands in the river');
    await bob.sees('and does not move');
    await bob.say('after the reload');
    await alice.sees('after the reload');
  });

  await test.step('offline, messages wait in the outbox; back online, they go', async () => {
    await relay.stop();
    await expect(alice.page.getByText(/offline/i).first()).toBeVisible();
    await alice.say('written with no relay');
    await expect(alice.messages.getByText(/queued|waiting/i).first()).toBeAttached();
    await relay.start();
    await bob.sees('written with no relay');
  });

  await test.step('a second tab of the same person reads and writes', async () => {
    const tab = await alice.context.newPage();
    const first = alice.page;
    await tab.goto(relay.origin);
    alice.page = tab;
    await alice.expectSignedIn();
    await alice.conversations.getByText('bob').click();
    await alice.sees('written with no relay');
    await alice.say('from the second tab');
    await bob.sees('from the second tab');
    alice.page = first;
    await alice.sees('from the second tab');

    await first.close();
    alice.page = tab;
    await bob.say('is the first tab closed?');
    await alice.sees('is the first tab closed?');
    await alice.say('yes, and this one took over');
    await bob.sees('yes, and this one took over');
  });

  await test.step('the disk of the relay holds no plaintext, no password, no private key', async () => {
    const secrets = await Promise.all(watches.map((watch) => watch.collect()));
    await relay.stop();
    const disk = await relay.readDisk();
    expect([...disk.keys()].some((file) => file.endsWith('.db') || file.endsWith('.sqlite'))).toBe(true);
    const holds = (needle: Buffer) =>
      [...disk].filter(([, bytes]) => bytes.includes(needle)).map(([file]) => file);

    const texts = [
      'heron',
      'and does not move',
      'after the reload',
      'written with no relay',
      'from the second tab',
    ];
    for (const text of [...texts, alice.password, bob.password]) {
      for (const encoding of ['utf8', 'utf16le'] as const)
        expect(holds(Buffer.from(text, encoding)), text).toEqual([]);
      expect(
        holds(Buffer.from(Buffer.from(text).toString('base64').replace(/=+$/, '').slice(0, -1))),
        text,
      ).toEqual([]);
    }

    const logs = logIdsOf([...disk.keys()]);
    expect(logs.size).toBeGreaterThan(0);
    const drawn = new Set(secrets.flatMap((one) => one.drawn));
    expect(drawn.size).toBeGreaterThan(100);
    for (const secret of drawn)
      if (!logs.has(secret)) expect(holds(Buffer.from(secret, 'hex')), 'a drawn secret').toEqual([]);
    for (const secret of secrets.flatMap((one) => one.exported)) {
      expect(holds(Buffer.from(secret, 'hex')), 'an exported private key').toEqual([]);
    }
    // The check can fail: what the relay must hold is found the same way.
    expect(holds(Buffer.from('alice'))).not.toEqual([]);
    expect(relay.log()).not.toMatch(/alice|bob|heron|Bearer|eyJ/);
  });

  expect([...alice.errors, ...bob.errors]).toEqual([]);
});

/** Log ids are the one kind of 32-byte random value that is the relay's to know. */
function logIdsOf(files: string[]): Set<string> {
  const file = files.find((name) => /\.(db|sqlite)$/.test(name)) ?? '';
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const rows = database.prepare('SELECT hex(id) AS id FROM logs').all() as { id: string }[];
    return new Set(rows.map((row) => row.id.toLowerCase()));
  } finally {
    database.close();
  }
}
