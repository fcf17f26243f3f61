import { openAccount } from '../../dev/screens-account.ts';
import { expect, openConversation, test } from './story-test.ts';

test.use({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });

test('[WEB48] Back leads to the row that had opened a page, and closing to the button before', async ({
  page,
  open,
}) => {
  await open('story');
  const opener = page.getByRole('button', { name: 'Account', exact: true });
  await opener.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog', { name: 'alice' })).toBeVisible();
  await page.getByRole('button', { name: 'Security' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: /^Second step/ }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('group', { name: 'Second step' })).toBeFocused();
  await page.getByRole('button', { name: 'Back' }).press('Enter');
  await expect(page.getByRole('button', { name: /^Second step/ })).toBeFocused();
  await page.getByRole('button', { name: 'Back' }).press('Enter');
  await expect(page.getByRole('button', { name: 'Security' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect(opener).toBeFocused();
});

test('[WEB57] deletes the account only with its name typed and the password', async ({ page, open }) => {
  await open('story');
  await openAccount(page, 'Delete account…');
  await expect(page.getByText('never given to anybody again')).toBeVisible();
  const submit = page.getByRole('button', { name: 'Delete this account' });
  await page.getByRole('textbox', { name: 'Your password' }).fill('correct horse battery');
  await page.getByRole('textbox', { name: 'Type alice to go on' }).fill('bob');
  await expect(submit).toBeDisabled();
  await page.getByRole('textbox', { name: 'Type alice to go on' }).fill('Alice');
  await submit.click();
  await expect(page.getByRole('textbox', { name: 'Username' })).toBeVisible();
});

test('[WEB58] what happened elsewhere is told one at a time, until it is answered', async ({
  page,
  open,
}) => {
  await open('notices');
  await expect(page.getByText('New sign-in to your account')).toBeVisible();
  await page.getByRole('button', { name: 'Not me' }).click();
  await page.getByRole('dialog').getByRole('button', { name: '1. Remove their device' }).click();
  await expect(page.getByRole('list', { name: 'Devices' })).toBeVisible();
  await page.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('button', { name: 'This was me' }).click();
  await expect(page.getByText('How you sign in was changed')).toBeVisible();
  await page.getByRole('button', { name: 'This was me' }).click();
  await expect(page.getByRole('button', { name: 'This was me' })).toBeHidden();
});

test('[WEB59] asks for a recovery key, takes “not now” and remembers it', async ({ page, open }) => {
  await open('empty');
  const title = page.getByRole('heading', { name: 'Make a recovery key' });
  await expect(title).toBeVisible();
  await page.getByRole('button', { name: 'Not now' }).click();
  await expect(title).toBeHidden();
  await open('empty');
  await page.getByRole('heading', { name: 'Welcome, alice.' }).waitFor();
  await expect(title).toBeHidden();
});

test('[WEB59] leads from the question to the key', async ({ page, open }) => {
  await open('empty');
  await page.getByRole('button', { name: 'Make one' }).click();
  await expect(page.getByRole('dialog', { name: 'Recovery key' })).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'Your password' })).toBeFocused();
});

test('[WEB60] a contact who deleted their account is shown so and cannot be written to', async ({
  page,
  open,
}) => {
  await open('deleted-contact');
  const list = page.getByRole('list', { name: 'Conversations' });
  await expect(list.getByRole('button', { name: /bob/ })).toContainText('Deleted their account');
  await openConversation(page, 'bob');
  await expect(page.getByText('bob deleted their account.')).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'Message' })).toBeDisabled();
});

test('[WEB60] nor found as somebody to write to', async ({ page, open }) => {
  await open('deleted-contact');
  await page.getByRole('button', { name: 'New conversation' }).first().click();
  await page.getByRole('searchbox', { name: 'Find people' }).fill('bob');
  const people = page.getByRole('list', { name: 'People' });
  await expect(people.getByRole('button', { name: 'bob' })).toBeDisabled();
  await expect(people.getByText('deleted their account')).toBeVisible();
});

test('[WEB61] a shared computer says that nothing is kept, and offers no lock', async ({ page, open }) => {
  await open('shared');
  await expect(page.getByText('Shared computer: nothing is kept here.')).toBeVisible();
  await openAccount(page, 'App lock');
  await expect(page.getByText('there is nothing to lock')).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'Passphrase' })).toBeHidden();
});

test('[WEB62] a part that the relay has no more says so, and the page goes on', async ({ page, site }) => {
  // Without the fixture that wants no error: the browser itself logs the missing file.
  await page.route('**/assets/account-sheet-*.js', (route) => route.fulfill({ status: 404, body: '' }));
  await page.goto(`${site}/?story=story`);
  await page.getByRole('button', { name: 'Account', exact: true }).click();
  await expect(page.getByRole('dialog', { name: 'This part did not load' })).toContainText('Reload the page');
  await page.getByRole('button', { name: 'Close' }).click();
  await openConversation(page, 'bob');
});
