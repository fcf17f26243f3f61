import type { Page } from '@playwright/test';
import { givePasskey } from './passkey.ts';
import { expect, test, told } from './story-test.ts';

test.use({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });

const NEW_PASSWORD = 'another horse battery';
const KEY = Array.from({ length: 9 }, () => '7w3k').join('-');

const goOn = (page: Page) => page.getByRole('button', { name: 'Continue' }).click();
const welcome = (page: Page, name: string) => page.getByText(`Welcome, ${name}.`);

/** As far as the proof. */
async function forgot(page: Page, username: string): Promise<void> {
  await page.getByRole('button', { name: 'Forgot password?' }).click();
  await page.getByRole('textbox', { name: 'Username' }).fill(username);
  await goOn(page);
  await expect(page.getByRole('heading', { name: 'Is it you?' })).toBeVisible();
}

async function giveCode(page: Page, code: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Code' }).fill(code);
  await goOn(page);
}

/** As far as the choice of how the identity comes back. */
async function proveCarol(page: Page): Promise<void> {
  await forgot(page, 'carol');
  await giveCode(page, '12345678');
  await expect(page.getByRole('heading', { name: 'One more proof' })).toBeVisible();
  await page.getByRole('button', { name: 'Authenticator app' }).click();
  await giveCode(page, '123456');
  await expect(page.getByRole('heading', { name: 'Your identity' })).toBeFocused();
}

async function setPassword(page: Page): Promise<void> {
  await expect(page.getByRole('textbox', { name: 'New password' })).toBeFocused();
  await page.getByRole('textbox', { name: 'New password' }).fill(NEW_PASSWORD);
  await page.getByRole('button', { name: 'Set password and sign in' }).click();
}

test('[WEB35] says the same of every name, promises no mail, and names the better way', async ({
  page,
  open,
}) => {
  const seen: string[] = [];
  for (const name of ['dave', 'nobody-at-all']) {
    await open('with-mail');
    await page.getByRole('button', { name: 'Forgot password?' }).click();
    await expect(page.getByText('Still signed in on another device?')).toBeVisible();
    await page.getByRole('textbox', { name: 'Username' }).fill(name);
    await goOn(page);
    await expect(page.getByText('If this account has an address')).toBeVisible();
    seen.push(await page.getByRole('main').innerText());
  }
  expect(seen[0]).toBe(seen[1]);
  expect((await told(page)).map(({ verb }) => verb)).toEqual(['forgotPassword']);
});

test('[WEB35] without mail the recovery key is the only way, and nobody else can help', async ({
  page,
  open,
}) => {
  await open('signed-out');
  await page.getByRole('button', { name: 'Forgot password?' }).click();
  await expect(page.getByText('asking whoever runs this relay is of no use')).toBeVisible();
  await page.getByRole('textbox', { name: 'Username' }).fill('carol');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('textbox', { name: 'Recovery key' })).toBeFocused();
  await expect(page.getByRole('region', { name: 'Another way' })).toBeHidden();
  await page.keyboard.type('0'.repeat(36));
  await goOn(page);
  await expect(page.getByText('This recovery key does not open this account.')).toBeVisible();
  await page.getByRole('textbox', { name: 'Recovery key' }).fill(KEY);
  await goOn(page);
  await setPassword(page);
  await expect(welcome(page, 'carol')).toBeVisible();
  expect((await told(page)).at(-1)).toEqual({ verb: 'finishReset', restore: { way: 'known' } });
});

test('[WEB36] an identity that is at hand is not asked about', async ({ page, open }) => {
  await open('with-mail');
  await forgot(page, 'alice');
  await giveCode(page, '12345678');
  await expect(page.getByText('your contacts notice nothing')).toBeVisible();
  await setPassword(page);
  await expect(welcome(page, 'alice')).toBeVisible();
});

test('[WEB36] [WEB39] without any way back the loss is told, and confirmed, first', async ({
  page,
  open,
}) => {
  await open('with-mail');
  await forgot(page, 'dave');
  await giveCode(page, '12345678');
  await expect(page.getByRole('heading', { name: 'Your identity' })).toBeFocused();
  await expect(page.getByText('If you made one, stop here')).toBeVisible();
  const loss = page.getByRole('region', { name: 'What is lost' });
  await expect(loss).toContainText('stay unreadable here, for good');
  await expect(loss).toContainText('must compare the safety number with you again');
  await expect(loss).toContainText('your other devices are signed out');
  const begin = page.getByRole('button', { name: 'Begin with a new identity' });
  await expect(begin).toBeDisabled();
  await page.getByRole('checkbox', { name: 'I understand' }).focus();
  await page.keyboard.press('Space');
  await begin.click();
  expect((await told(page)).map(({ verb }) => verb)).toEqual(['forgotPassword', 'proveReset']);
  await setPassword(page);
  await expect(welcome(page, 'dave')).toBeVisible();
  expect((await told(page)).at(-1)).toEqual({ verb: 'finishReset', restore: { way: 'new_identity' } });
});

test('[WEB36] a recovery key that does not open leads back to the choice', async ({ page, open }) => {
  await open('with-mail');
  await proveCarol(page);
  await page.getByText('With my recovery key').click();
  await page.getByRole('textbox', { name: 'Recovery key' }).fill('0'.repeat(36));
  await goOn(page);
  await setPassword(page);
  await expect(page.getByText('This recovery key does not open this account.')).toBeVisible();
  await page.getByText('With my recovery key').click();
  await page.getByRole('textbox', { name: 'Recovery key' }).fill(KEY);
  await goOn(page);
  await setPassword(page);
  await expect(welcome(page, 'carol')).toBeVisible();
  expect((await told(page)).at(-1)).toEqual({
    verb: 'finishReset',
    restore: { way: 'recovery_key', key: KEY },
  });
});

test('[WEB34] [WEB36] a passkey with PRF brings the identity back', async ({ page, open }) => {
  await open('with-mail');
  const credential = await givePasskey(page);
  await proveCarol(page);
  await page.getByText('With my passkey').click();
  await goOn(page);
  await setPassword(page);
  await expect(welcome(page, 'carol')).toBeVisible();
  const { restore } = (await told(page)).at(-1) as {
    restore: { way: string; credential: string; prf: Uint8Array };
  };
  expect(restore).toMatchObject({ way: 'passkey', credential });
  expect(restore.prf).toHaveLength(32);
});

test('[WEB28] [WEB32] a weak password is not sent; an attempt that is over begins again', async ({
  page,
  open,
}) => {
  await open('with-mail');
  await forgot(page, 'alice');
  await giveCode(page, '12345678');
  await page.getByRole('textbox', { name: 'New password' }).fill('seven77');
  await expect(page.getByRole('status').filter({ hasText: 'Too short' })).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page.getByText('This password is too easy to guess.')).toBeVisible();
  expect((await told(page)).map(({ verb }) => verb)).not.toContain('finishReset');
  await page.getByRole('button', { name: 'Back' }).click();
  await goOn(page);
  await giveCode(page, '99999999');
  await expect(page.getByText('This took too long, or was tried too often.')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Forgot password' })).toBeFocused();
  await page.getByRole('button', { name: 'Back' }).click();
  await expect(page.getByRole('textbox', { name: 'Password' })).toBeFocused();
});

test('[WEB38] an ended session is opened again in place, with its second factor', async ({ page, open }) => {
  await open('ended-factors');
  const dialog = page.getByRole('alertdialog', { name: 'Signed out by the relay' });
  await expect(dialog.getByRole('textbox', { name: 'Password' })).toBeFocused();
  await page.keyboard.type('correct horse battery');
  await page.keyboard.press('Enter');
  await dialog.getByRole('button', { name: 'Authenticator app' }).click();
  await giveCode(page, '99999999');
  await expect(dialog.getByText('This took too long')).toBeVisible();
  await expect(dialog.getByRole('textbox', { name: 'Password' })).toBeFocused();
  await page.keyboard.type('correct horse battery');
  await page.keyboard.press('Enter');
  await dialog.getByRole('button', { name: 'Authenticator app' }).click();
  await giveCode(page, '123456');
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('list', { name: 'Conversations' })).toBeVisible();
});

test('[WEB38] a password forgotten there is recovered there', async ({ page, open }) => {
  await open('ended');
  const dialog = page.getByRole('alertdialog', { name: 'Signed out by the relay' });
  await dialog.getByRole('button', { name: 'Forgot password?' }).click();
  await expect(dialog.getByRole('textbox', { name: 'Username' })).toHaveValue('alice');
  await goOn(page);
  await giveCode(page, '12345678');
  await setPassword(page);
  await expect(dialog).toBeHidden();
});

test('[WEB31] a shared computer keeps nothing of a reset either', async ({ page, open }) => {
  await open('with-mail');
  await page.getByRole('checkbox', { name: 'This is a shared computer' }).focus();
  await page.keyboard.press('Space');
  await forgot(page, 'alice');
  await giveCode(page, '12345678');
  await expect(page.getByRole('textbox', { name: 'New password' })).toHaveAttribute('autocomplete', 'off');
  await setPassword(page);
  await expect(welcome(page, 'alice')).toBeVisible();
  expect((await told(page)).at(-1)).toMatchObject({ verb: 'finishReset', shared: true });
  expect(await page.evaluate(() => Object.keys(localStorage))).toEqual([]);
});
