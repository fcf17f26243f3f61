import { spawnSync } from 'node:child_process';
import { expect, test } from '@playwright/test';
import { Person } from './person.ts';
import { type RelayProcess, startRelayProcess } from './relay-process.ts';

let relay: RelayProcess;
test.beforeAll(async () => {
  relay = await startRelayProcess();
});
test.afterAll(() => relay.remove());

test('a second browser signs itself in; the first hears of it, names it, signs it out and removes it', async ({
  browser,
}) => {
  const alice = await Person.arrive(browser, 'alice', relay.origin);
  await alice.createAccount();
  const phone = await Person.arrive(browser, 'alice', relay.origin);
  await phone.signIn();
  await phone.expectSignedIn();
  await phone.openAccount('Devices');
  await phone.page.getByRole('button', { name: /^Rename/ }).click();
  await phone.page.getByRole('textbox', { name: 'Name of this device' }).fill('Pocket');
  await phone.page.getByRole('button', { name: 'Save' }).click();
  await phone.closeSheet();
  for (const [file, bytes] of await relay.readDisk())
    expect(bytes.includes('Pocket'), `${file} holds the name`).toBe(false);

  await expect(alice.page.getByText('New sign-in to your account')).toBeVisible();
  await alice.page.getByRole('button', { name: 'This was me' }).click();
  await alice.openAccount('Devices');
  const pocket = alice.page
    .getByRole('list', { name: 'Devices' })
    .getByRole('listitem')
    .filter({ hasText: 'Pocket' });
  await pocket.getByRole('button', { name: 'Sign out Pocket' }).click();
  await expect(phone.page.getByRole('alertdialog', { name: 'Signed out by the relay' })).toBeVisible();
  await pocket.getByRole('button', { name: 'Remove Pocket…' }).click();
  await alice.page.getByRole('button', { name: 'Remove for good' }).click();
  await expect(pocket).toHaveCount(0);
  await phone.page.getByRole('textbox', { name: 'Password' }).fill(phone.password);
  await phone.page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(phone.page.getByRole('alert').filter({ hasText: /\w/ })).toBeVisible();
  expect([...alice.errors, ...phone.errors]).toEqual([]);
});

test('the app lock drops the keys until the passphrase, in every tab and after a reload', async ({
  browser,
}) => {
  const bob = await Person.arrive(browser, 'bob', relay.origin);
  await bob.createAccount();
  await bob.openAccount('App lock');
  await bob.page.getByRole('textbox', { name: 'Passphrase' }).fill('seven quiet violas');
  await bob.page.getByRole('textbox', { name: 'The same again' }).fill('seven quiet violas');
  await bob.page.getByRole('button', { name: 'Turn on' }).click();
  await expect(bob.page.getByText('The lock is on.')).toBeVisible();
  await bob.closeSheet();
  const second = await bob.context.newPage();
  await second.goto(relay.origin);
  await expect(second.getByRole('button', { name: 'New conversation' })).toBeVisible();
  await bob.page.getByRole('button', { name: 'Lock now' }).click();
  const passphrase = bob.page.getByRole('textbox', { name: 'Passphrase' });
  await expect(passphrase).toBeVisible();
  await expect(second.getByRole('textbox', { name: 'Passphrase' })).toBeVisible();
  await second.close();
  await bob.page.reload();
  await passphrase.fill('eight quiet violas');
  await bob.page.getByRole('button', { name: 'Unlock' }).click();
  await expect(bob.page.getByText('This does not open the lock.')).toBeVisible();
  await passphrase.fill('seven quiet violas');
  await bob.page.getByRole('button', { name: 'Unlock' }).click();
  await bob.expectSignedIn();
  expect(bob.errors).toEqual([]);
});

test('a shared computer keeps nothing: no record, no setting, no cookie that lasts', async ({ browser }) => {
  const carol = await Person.arrive(browser, 'carol', relay.origin);
  await carol.createAccount();
  const heidi = await Person.arrive(browser, 'heidi', relay.origin);
  await heidi.createAccount();
  const library = await Person.arrive(browser, 'carol', relay.origin);
  await library.page.getByText('This is a shared computer').click();
  await library.signIn();
  await library.expectSignedIn();
  await library.open('heidi');
  await library.say('from the library');
  const cookies = await library.context.cookies();
  const soon = Date.now() / 1000 + 16 * 60;
  expect(cookies.filter(({ expires }) => expires > soon)).toEqual([]);
  await library.page.close();
  const next = await library.context.newPage();
  await next.goto(relay.origin);
  await expect(next.getByRole('textbox', { name: 'Username' })).toBeVisible();
  const left = await next.evaluate(async () => {
    const records: unknown[] = [];
    for (const { name } of await indexedDB.databases()) {
      const database = await new Promise<IDBDatabase>((resolve) => {
        const opening = indexedDB.open(name ?? '');
        opening.onsuccess = () => resolve(opening.result);
      });
      for (const store of database.objectStoreNames) {
        if (store !== 'records') continue;
        const all = database.transaction(store).objectStore(store).getAllKeys();
        await new Promise<void>((resolve) => {
          all.onsuccess = () => resolve();
        });
        records.push(...all.result);
      }
      database.close();
    }
    return { records, settings: Object.keys(localStorage), session: Object.keys(sessionStorage) };
  });
  expect(left).toEqual({ records: [], settings: [], session: [] });
  expect([...carol.errors, ...library.errors]).toEqual([]);
});

test('a deleted account is gone for its owner, its contacts see that, and its name stays taken', async ({
  browser,
}) => {
  const dave = await Person.arrive(browser, 'dave', relay.origin);
  const erin = await Person.arrive(browser, 'erin', relay.origin);
  await dave.createAccount();
  await erin.createAccount();
  await dave.open('erin');
  await dave.say('goodbye');
  await erin.conversations.getByText('dave').click();
  await erin.sees('goodbye');
  await dave.openAccount('Delete account');
  await dave.page.getByRole('textbox', { name: 'Type dave to go on' }).fill('dave');
  await dave.confirm('Delete this account');
  await expect(dave.page.getByRole('textbox', { name: 'Username' })).toBeVisible();
  await dave.signIn();
  await expect(dave.page.getByText('do not go together')).toBeVisible();
  await dave.page.getByRole('button', { name: 'Create account' }).click();
  await expect(dave.page.getByText('Somebody already has this username.')).toBeVisible();
  await erin.page.reload();
  await erin.expectSignedIn();
  await expect(erin.page.getByText('Deleted their account').first()).toBeVisible({ timeout: 30_000 });
  await expect(erin.page.getByRole('alertdialog')).toHaveCount(0);
  expect([...dave.errors, ...erin.errors]).toEqual([]);
});

test('an invitation, made by the operator, opens a closed door once', async ({ browser }) => {
  const closed = await startRelayProcess({ SOTTO_REGISTRATION: 'invite' });
  try {
    const made = spawnSync(process.execPath, ['apps/relay/src/cli.ts', 'invite'], {
      env: { PATH: process.env.PATH, SOTTO_DATA_DIR: closed.dataDir },
      encoding: 'utf8',
    });
    const link = /http:\/\/\S+#invite=[\w-]{43}/.exec(made.stdout)?.[0];
    if (link === undefined) throw new Error(made.stdout + made.stderr);
    const uninvited = await Person.arrive(browser, 'grace', closed.origin);
    await expect(uninvited.page.getByText('New accounts need an invitation link')).toBeVisible();
    const frank = await Person.arrive(browser, 'frank', link);
    await frank.createAccount();
    const greta = await Person.arrive(browser, 'greta', link);
    await greta.page.getByRole('textbox', { name: 'Username' }).fill('greta');
    await greta.page.getByRole('textbox', { name: 'Password' }).fill(greta.password);
    await greta.page.getByRole('button', { name: 'Create account' }).click();
    await expect(greta.page.getByText(/invitation/i).first()).toBeVisible();
    await expect(greta.page.getByRole('alert').filter({ hasText: /invitation/i })).toBeVisible();
  } finally {
    await closed.remove();
  }
});
