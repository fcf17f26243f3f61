import { expect, openConversation, test } from './story-test.ts';

test.use({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });

test('[WEB21] signs in, finds a person and writes without a pointer', async ({ page, open }) => {
  await open('signed-out');
  await page.getByRole('textbox', { name: 'Username' }).waitFor();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('textbox', { name: 'Username' })).toBeFocused();
  await page.keyboard.type('alice');
  await page.keyboard.press('Tab');
  await page.keyboard.type('correct horse battery');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Welcome, alice.' })).toBeVisible();
  await page.getByRole('button', { name: 'New conversation' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('searchbox', { name: 'Find people' })).toBeFocused();
  await page.keyboard.type('bob');
  await page.getByRole('button', { name: 'bob' }).waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('textbox', { name: 'Message' })).toBeFocused();
  await page.keyboard.type('hello');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('log').getByText('hello')).toBeVisible();
});

test('[WEB21] a dialog closes by Escape and gives the focus back', async ({ page, open }) => {
  await open('story');
  await openConversation(page, 'bob');
  const opener = page.getByRole('button', { name: 'Safety number' });
  await opener.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog', { name: 'Safety number' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect(opener).toBeFocused();
});

test("[WEB21] the relay's view closes by Escape and gives the focus back", async ({ page, open }) => {
  await open('story');
  await openConversation(page, 'bob');
  const opener = page.getByRole('button', { name: "Relay's view", exact: true });
  await opener.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('region', { name: 'What the relay stores' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('region', { name: 'What the relay stores' })).toBeHidden();
  await expect(opener).toBeFocused();
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 } });

  test('[WEB25] says in the open conversation too that the relay is away, and what waits', async ({
    page,
    open,
  }) => {
    await open('offline');
    await openConversation(page, 'bob');
    await expect(page.getByText('2 messages wait on this device')).toBeVisible();
    await expect(page.getByRole('log').getByText('Queued')).toHaveCount(2);
    await page.getByRole('button', { name: 'Try now' }).click();
    await expect(page.getByText('2 messages wait')).toBeHidden();
  });

  test('[WEB21] one pane at a time, with a way back that the browser knows too', async ({ page, open }) => {
    await open('story');
    await openConversation(page, 'bob');
    await expect(page.getByRole('list', { name: 'Conversations' })).toBeHidden();
    await page.getByRole('button', { name: 'Back to conversations' }).click();
    await expect(page.getByRole('list', { name: 'Conversations' })).toBeVisible();
    await openConversation(page, 'carol');
    await page.goBack();
    await expect(page.getByRole('list', { name: 'Conversations' })).toBeVisible();
  });
});
