import { openAccount } from '../../dev/screens-account.ts';
import type { StoryChat } from '../../dev/story-chat.ts';
import { expect, test } from './story-test.ts';

test.use({ viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce' });

test('[WEB55] lists the devices, names this one, signs the others out', async ({ page, open }) => {
  await open('story');
  await openAccount(page, 'Devices');
  const devices = page.getByRole('list', { name: 'Devices' });
  await expect(devices.getByRole('listitem')).toHaveCount(3);
  const desk = devices.getByRole('listitem').filter({ hasText: 'This device' });
  await expect(desk).toContainText('Desk');
  await desk.getByRole('button', { name: 'Rename Desk' }).click();
  await page.getByRole('textbox', { name: 'Name of this device' }).fill('Studio');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(desk).toContainText('Studio');
  const phone = devices.getByRole('listitem').filter({ hasText: 'Phone' });
  await expect(phone).toContainText('last active 3 minutes ago');
  await phone.getByRole('button', { name: 'Sign out Phone' }).click();
  await expect(phone).toContainText('Signed out');
  await expect(page.getByText('You are signed in on this device only.')).toBeVisible();
});

test('[WEB55] all others are signed out at once', async ({ page, open }) => {
  await open('story');
  await openAccount(page, 'Devices');
  await page.getByRole('button', { name: 'Sign out everywhere else' }).click();
  await expect(page.getByText('You are signed in on this device only.')).toBeVisible();
});

test('[WEB55] a removal says what it means before it is done', async ({ page, open }) => {
  await open('story');
  await openAccount(page, 'Devices');
  await page.getByRole('button', { name: 'Remove Phone…' }).click();
  await expect(page.getByText('It cannot be taken back')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Keep it' })).toBeFocused();
  await page.getByRole('button', { name: 'Remove for good' }).click();
  await expect(page.getByRole('list', { name: 'Devices' }).getByRole('listitem')).toHaveCount(2);
});

test.describe('the app lock', () => {
  test('[WEB56] takes its passphrase twice; then a button locks at once', async ({ page, open }) => {
    await open('story');
    await expect(page.getByRole('button', { name: 'Lock now' })).toBeHidden();
    await openAccount(page, 'App lock');
    await page.getByRole('textbox', { name: 'Passphrase' }).fill('short');
    await expect(page.getByText('Too short')).toBeVisible();
    await page.getByRole('textbox', { name: 'Passphrase' }).fill('tall green bicycle');
    await page.getByRole('textbox', { name: 'The same again' }).fill('tall brown bicycle');
    await expect(page.getByText('These two differ.')).toBeVisible();
    await expect(page.getByRole('button', { name: 'Turn on' })).toBeDisabled();
    await page.getByRole('textbox', { name: 'The same again' }).fill('tall green bicycle');
    await page.getByRole('radio', { name: '15 min' }).check({ force: true });
    await page.getByRole('button', { name: 'Turn on' }).click();
    await expect(page.getByText('closes after 15 minutes without use')).toBeVisible();
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: 'Lock now' }).click();
    await expect(page.getByRole('textbox', { name: 'Passphrase' })).toBeVisible();
    await expect(page.getByRole('list', { name: 'Conversations' })).toBeHidden();
  });

  test('[WEB56] can be turned off again', async ({ page, open }) => {
    await open('app-lock');
    await openAccount(page, 'App lock');
    await page.getByRole('button', { name: 'Turn off' }).click();
    await expect(page.getByRole('textbox', { name: 'The same again' })).toBeVisible();
    await page.getByRole('button', { name: 'Close' }).click();
    await expect(page.getByRole('button', { name: 'Lock now' })).toBeHidden();
  });

  for (const [story, passed] of [
    ['app-lock', 1],
    ['story', 0],
  ] as const) {
    test(`[WEB56] of many signs of use ${passed} is passed on in “${story}”`, async ({ page, open }) => {
      await open(story);
      await page.getByRole('list', { name: 'Conversations' }).waitFor();
      for (let key = 0; key < 5; key += 1) await page.keyboard.press('Shift');
      await page.mouse.click(700, 400);
      const told = await page.evaluate(() => (globalThis as unknown as { story: StoryChat }).story.told);
      expect(told.filter(({ verb }) => verb === 'noteActivity')).toHaveLength(passed);
    });
  }
});
