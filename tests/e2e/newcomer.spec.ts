import { expect, test } from '@playwright/test';
import { Person } from './person.ts';
import { type RelayProcess, startRelayProcess } from './relay-process.ts';

let relay: RelayProcess;
test.beforeAll(async () => {
  relay = await startRelayProcess();
});
test.afterAll(() => relay.remove());

test('carol gets lost on the way in, and every error tells her what to do', async ({ browser }) => {
  const carol = await Person.arrive(browser, 'carol', relay.origin);
  const { page } = carol;

  await test.step('a short password is refused before anything is sent', async () => {
    await page.getByRole('textbox', { name: 'Username' }).fill('carol');
    await page.getByRole('textbox', { name: 'Password' }).fill('short');
    await page.getByRole('button', { name: 'Create account' }).click();
    await expect(page.getByRole('status').filter({ hasText: 'Too short' })).toBeVisible();
    await page.getByRole('button', { name: 'Back' }).click();
  });

  await test.step('an account that does not exist and a wrong password read the same', async () => {
    await carol.signIn();
    await expect(page.getByText('do not go together')).toBeVisible();
    await carol.createAccount();
    await page.getByRole('button', { name: 'New conversation' }).waitFor();
    const other = await Person.arrive(browser, 'carol', relay.origin);
    await other.signIn('not the password of carol');
    await expect(other.page.getByText('do not go together')).toBeVisible();
    await other.context.close();
  });

  await test.step('a name that somebody has cannot be taken', async () => {
    const other = await Person.arrive(browser, 'carol', relay.origin);
    await other.page.getByRole('textbox', { name: 'Username' }).fill('carol');
    await other.page.getByRole('textbox', { name: 'Password' }).fill(other.password);
    await other.page.getByRole('button', { name: 'Create account' }).click();
    await expect(other.page.getByText('Somebody already has this username.')).toBeVisible();
    await other.context.close();
  });

  await test.step('a person who is not there is not found', async () => {
    await page.getByRole('button', { name: 'New conversation' }).click();
    await page.getByRole('searchbox', { name: 'Find people' }).fill('nobody-here');
    await expect(page.getByText(/nobody here/i)).toBeVisible();
    await page.keyboard.press('Escape');
  });

  await test.step('with no relay, signing in says so and what to do', async () => {
    const other = await Person.arrive(browser, 'carol', relay.origin);
    await relay.stop();
    await other.signIn();
    await expect(other.page.getByText('The relay cannot be reached.')).toBeVisible({ timeout: 30_000 });
    await relay.start();
    await other.context.close();
  });
  expect(carol.errors).toEqual([]);
});

test('[P3] alice and bob compare their safety number and look at what the relay has', async ({ browser }) => {
  const alice = await Person.arrive(browser, 'alice', relay.origin);
  const bob = await Person.arrive(browser, 'bob', relay.origin);
  await alice.createAccount();
  await bob.createAccount();
  await alice.open('bob');
  await alice.say('compare with me');
  await bob.conversations.getByText('alice').click();
  await bob.sees('compare with me');

  await test.step('both read the same sixty digits', async () => {
    const digits = await Promise.all([alice, bob].map((person) => readSafetyDigits(person)));
    expect(digits[0]).toMatch(/^\d{60}$/);
    expect(digits[1]).toBe(digits[0]);
  });

  await test.step('a verified contact stays verified after a reload', async () => {
    await alice.page.getByRole('button', { name: 'Mark as verified' }).click();
    await alice.page.keyboard.press('Escape');
    await alice.page.reload();
    await alice.expectSignedIn();
    await expect(alice.conversations.getByText('verified')).toBeAttached();
  });

  await test.step("the relay's view shows the bytes beside what was read", async () => {
    await bob.page.keyboard.press('Escape');
    await bob.page.getByRole('button', { name: "Relay's view", exact: true }).click();
    const view = bob.page.getByRole('region', { name: 'What the relay stores' });
    const entry = view.getByRole('article').filter({ hasText: 'compare with me' });
    await expect(entry).toBeVisible();
    await expect(entry).toContainText(/0000 00 01 00 02/);
  });
  expect([...alice.errors, ...bob.errors]).toEqual([]);
});

test('dave signs out, which wipes this device, and comes back as a new one', async ({ browser }) => {
  const dave = await Person.arrive(browser, 'dave', relay.origin);
  const erin = await Person.arrive(browser, 'erin', relay.origin);
  await dave.createAccount();
  await erin.createAccount();
  await dave.open('erin');
  await dave.say('see you');
  await erin.conversations.getByText('dave').click();
  await erin.sees('see you');

  await dave.page.getByRole('button', { name: 'Account' }).click();
  await dave.page.getByRole('button', { name: 'Sign out…' }).click();
  await dave.page.getByRole('button', { name: 'Sign out and wipe' }).click();
  await expect(dave.page.getByRole('textbox', { name: 'Username' })).toBeVisible();
  await expect.poll(() => dave.page.evaluate(countRecords)).toBe(0);
  expect((await dave.context.cookies()).filter(({ value }) => value !== '')).toEqual([]);

  await dave.signIn();
  await dave.expectSignedIn();
  await dave.open('erin');
  await dave.say('I am back');
  await erin.sees('I am back');
  await erin.say('welcome back');
  await dave.sees('welcome back');
  await expect(dave.page.getByRole('alertdialog')).toHaveCount(0);
  expect([...dave.errors, ...erin.errors]).toEqual([]);
});

async function readSafetyDigits({ page }: Person): Promise<string> {
  await page.getByRole('button', { name: 'Safety number' }).click();
  const sheet = page.getByRole('dialog', { name: 'Safety number' });
  const digits = /(?:\d{5}\s+){12}/;
  await expect(sheet).toContainText(digits);
  return (digits.exec((await sheet.textContent()) ?? '')?.[0] ?? '').replaceAll(/\s/g, '');
}

/** Runs in the page: records in every database of this origin; the engine may have opened an empty one again. */
async function countRecords(): Promise<number> {
  let count = 0;
  for (const { name } of await indexedDB.databases()) {
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const opening = indexedDB.open(name ?? '');
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error);
    });
    if (database.objectStoreNames.contains('records')) {
      count += await new Promise<number>((resolve, reject) => {
        const counting = database.transaction('records').objectStore('records').count();
        counting.onsuccess = () => resolve(counting.result);
        counting.onerror = () => reject(counting.error);
      });
    }
    database.close();
  }
  return count;
}
