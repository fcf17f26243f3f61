import type { Page } from '@playwright/test';
import { openAccount } from '../../dev/screens-account.ts';
import { addAuthenticator } from './passkey.ts';
import { expect, test } from './story-test.ts';

test.use({ viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce' });

const PASSWORD = 'correct horse battery';

async function confirm(page: Page, submit: string, password = PASSWORD): Promise<void> {
  await page.getByRole('textbox', { name: 'Your password' }).fill(password);
  await page.getByRole('button', { name: submit, exact: true }).click();
}

/** What would come out of the printer. */
async function printed(page: Page): Promise<string> {
  await page.emulateMedia({ media: 'print' });
  await expect(page.getByRole('dialog')).toBeHidden();
  const text = await page.locator('body').innerText();
  await page.emulateMedia({ media: 'screen' });
  return text;
}

test('[WEB49] changes the password, and calls a wrong one that', async ({ page, open }) => {
  await open('story');
  await openAccount(page, 'Security', 'Password');
  await page.getByRole('textbox', { name: 'New password' }).fill('short');
  await page.getByRole('textbox', { name: 'Your password' }).fill('wrong');
  await expect(page.getByRole('button', { name: 'Change password' })).toBeDisabled();
  await page.getByRole('textbox', { name: 'New password' }).fill('tall green bicycle lamp');
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByRole('alert').getByText('This is not your password.')).toBeVisible();
  await confirm(page, 'Change password');
  await expect(page.getByText('Your password is changed.')).toBeVisible();
});

test('[WEB50] a recovery key is shown once, prints alone, and is tested before it is done', async ({
  page,
  open,
}) => {
  await open('empty');
  await openAccount(page, 'Security', 'Recovery key');
  await confirm(page, 'Make a recovery key');
  await expect(page.getByRole('dialog').getByText('7W3K-QM2T-9XPA')).toBeVisible();
  const paper = await printed(page);
  for (const part of ['7W3K-QM2T-9XPA', '1YGJ-6FS0-TK4M', 'alice', 'http://localhost:', '2026'])
    expect(paper).toContain(part);
  expect(paper).not.toContain('Welcome');
  await page.getByRole('button', { name: 'I have it: test it' }).click();
  await expect(page.getByRole('dialog').getByText('7W3K-QM2T-9XPA')).toBeHidden();
  const field = page.getByRole('textbox', { name: 'Recovery key' });
  await field.fill('7W3K-QM2T-9XPA-4HNC-V8ZD-E5RB-1YGJ-6FS0-TK4X');
  await page.getByRole('button', { name: 'Test my key' }).click();
  await expect(page.getByRole('alert').getByText('does not open this account')).toBeVisible();
  await field.fill('7w3k qm2t 9xpa 4hnc v8zd e5rb 1ygj 6fs0 tk4m');
  await page.getByRole('button', { name: 'Test my key' }).click();
  await expect(page.getByText('This key opens your account.')).toBeVisible();
  await page.getByRole('button', { name: 'Done' }).click();
  await expect(page.getByText('your recovery key brings your account back')).toBeVisible();
  await expect(page.getByRole('button', { name: /^Recovery key/ })).toContainText('Made');
});

test('[WEB50] an earlier key can be tested at any time', async ({ page, open }) => {
  await open('story');
  await openAccount(page, 'Security', 'Recovery key');
  await page.getByRole('button', { name: 'Test my key' }).click();
  await expect(page.getByRole('dialog', { name: 'Test my key' })).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'Recovery key' })).toBeFocused();
});

test('[WEB51] an authenticator app is on when its first code was right', async ({ page, open }) => {
  await open('story');
  await openAccount(page, 'Security', 'Second step', 'Authenticator app');
  await confirm(page, 'Set it up');
  await expect(page.getByRole('img', { name: 'QR code for the authenticator app' })).toBeVisible();
  await expect(page.getByText('JBSW Y3DP')).toBeVisible();
  await page.getByRole('textbox', { name: 'Code' }).fill('000000');
  await page.getByRole('button', { name: 'Turn on' }).click();
  await expect(page.getByRole('alert').getByText('wrong, used up or too old')).toBeVisible();
  await page.getByRole('textbox', { name: 'Code' }).fill('123 456');
  await page.getByRole('button', { name: 'Turn on' }).click();
  await expect(page.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem')).toHaveCount(10);
  const code = await page
    .getByRole('list', { name: 'Recovery codes' })
    .getByRole('listitem')
    .first()
    .innerText();
  expect(await printed(page)).toContain(code);
  await page.getByRole('button', { name: 'I have them' }).click();
  await expect(page.getByRole('button', { name: /^Authenticator app/ })).toContainText('On');
  await page.getByRole('button', { name: /^Authenticator app/ }).click();
  await confirm(page, 'Take it off');
  await expect(page.getByText('asked for no more')).toBeVisible();
});

test('[WEB54] an address counts when its code came back, and can be removed', async ({ page, open }) => {
  await open('story');
  await openAccount(page, 'Security', 'E-mail');
  await page.getByRole('textbox', { name: 'E-mail address' }).fill('alice@example.org');
  await confirm(page, 'Send a code');
  await page.getByRole('textbox', { name: 'Code' }).fill('12345678');
  await page.getByRole('button', { name: 'Confirm' }).click();
  await expect(page.getByText('alice@example.org is the address of your account now.')).toBeVisible();
  await page.getByRole('button', { name: 'Back' }).click();
  await page.getByRole('button', { name: /^E-mail/ }).click();
  await page.getByRole('button', { name: 'Remove…' }).click();
  await confirm(page, 'Remove the address');
  await expect(page.getByText('The address is forgotten.')).toBeVisible();
});

test('[WEB53] a code by mail is called the weakest, and asks for an address first', async ({
  page,
  open,
}) => {
  await open('story');
  await openAccount(page, 'Security', 'Second step', 'Code by mail');
  await expect(page.getByText('The weakest second step')).toBeVisible();
  await page.getByRole('button', { name: 'Set an e-mail address' }).click();
  await expect(page.getByRole('dialog', { name: 'E-mail' })).toBeVisible();
});

test('[WEB53] a code by mail can be turned off', async ({ page, open }) => {
  await open('secured');
  await openAccount(page, 'Security', 'Second step', 'Code by mail');
  await confirm(page, 'Turn off');
  await expect(page.getByText('No codes are sent by mail any more.')).toBeVisible();
});

test.describe('passkeys', () => {
  const addPasskey = async (page: Page, name: string) => {
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill(name);
    await confirm(page, 'Go on with the device');
  };

  test('[WEB52] says whether it also brings the account back', async ({ page, open }) => {
    await open('story');
    await addAuthenticator(page, { hasPrf: true });
    await openAccount(page, 'Security', 'Second step', 'Passkeys');
    await addPasskey(page, 'Laptop');
    await expect(page.getByText('It can also bring your account back when')).toBeVisible();
    await page.getByRole('button', { name: 'I have them' }).click();
    const list = page.getByRole('list', { name: 'Passkeys' });
    await expect(list).toContainText('It can also bring your account back.');
    await page.getByRole('button', { name: 'Remove Laptop…' }).click();
    await confirm(page, 'Remove');
    await expect(list).toBeHidden();
  });

  test('[WEB52] without PRF it is a second step only', async ({ page, open }) => {
    await open('story');
    await addAuthenticator(page, { hasPrf: false });
    await openAccount(page, 'Security', 'Second step', 'Passkeys');
    await addPasskey(page, 'Stick');
    await expect(page.getByText('it cannot bring your account back')).toBeVisible();
    await page.getByRole('button', { name: 'I have them' }).click();
    await expect(page.getByRole('list', { name: 'Passkeys' })).toContainText('It is a second step only.');
  });

  test('[WEB52] a browser without passkeys says so', async ({ page, open }) => {
    await page.addInitScript(() => Reflect.deleteProperty(globalThis, 'PublicKeyCredential'));
    await open('story');
    await openAccount(page, 'Security', 'Second step', 'Passkeys');
    await expect(page.getByText('This browser has no passkeys.')).toBeVisible();
    await expect(page.getByRole('button', { name: 'Add a passkey' })).toBeHidden();
  });
});
