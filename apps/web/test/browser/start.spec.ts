import { expect, test } from './story-test.ts';

test('[WEB22] a newcomer can type before the worker speaks', async ({ page, open }) => {
  await open('starting');
  await page.getByRole('textbox', { name: 'Username' }).fill('alice');
  await expect(page.getByRole('button', { name: 'Create account' })).toBeEnabled();
});

test('[WEB22] who was signed in is not shown a card that vanishes', async ({ page, open }) => {
  await open('story');
  await page.getByRole('list', { name: 'Conversations' }).waitFor();
  await open('starting');
  await expect(page.getByText('Opening your messages')).toBeAttached();
  await expect(page.getByRole('textbox', { name: 'Username' })).toBeHidden();
});
