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
    for (const watch of watches) await watch.collect();
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

    for (const watch of watches) await watch.collect();
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

    const theRelays = new Set([...logIdsOf(disk), ...envelopeNoncesOf(disk)]);
    expect(theRelays.size).toBeGreaterThan(2);
    const drawn = new Set(secrets.flatMap((one) => [...one.drawn]));
    expect(drawn.size).toBeGreaterThan(100);
    for (const secret of drawn)
      if (!theRelays.has(secret)) expect(holds(Buffer.from(secret, 'hex')), 'a drawn secret').toEqual([]);
    for (const secret of secrets.flatMap((one) => [...one.exported])) {
      expect(holds(Buffer.from(secret, 'hex')), 'an exported private key').toEqual([]);
    }
    // The check can fail: what the relay must hold is found the same way.
    expect(holds(Buffer.from('alice'))).not.toEqual([]);
    expect(relay.log()).not.toMatch(/alice|bob|heron|Bearer|eyJ/);
  });

  expect([...alice.errors, ...bob.errors]).toEqual([]);
});

/** Log ids and the nonces of OPAQUE envelopes are the 32-byte random values that are the relay's to know. */
function logIdsOf(disk: Map<string, Buffer>): string[] {
  return readColumn(disk, 'logs.db', 'SELECT hex(log) AS value FROM logs');
}

/** A registration record is public key[32], masking key[64], then the envelope's nonce[32] (RFC 9807 §4.1.1, §5.1). */
function envelopeNoncesOf(disk: Map<string, Buffer>): string[] {
  const records = readColumn(disk, 'accounts.db', 'SELECT hex(opaque_record) AS value FROM accounts');
  return records.map((record) => record.slice(2 * 96, 2 * 128));
}

function readColumn(disk: Map<string, Buffer>, name: string, sql: string): string[] {
  const file = [...disk.keys()].find((path) => path.endsWith(name)) ?? '';
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return (database.prepare(sql).all() as { value: string }[]).map(({ value }) => value.toLowerCase());
  } finally {
    database.close();
  }
}
