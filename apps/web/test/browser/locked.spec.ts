import { givePasskey } from './passkey.ts';
import { expect, openConversation, test, told } from './story-test.ts';

test.use({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });

test('[WEB37] [WEB39] a passphrase opens a locked device; a wrong one says so and is emptied', async ({
  page,
  open,
}) => {
  await open('locked');
  const passphrase = page.getByRole('textbox', { name: 'Passphrase' });
  await expect(passphrase).toBeFocused();
  await expect(page.getByRole('textbox')).toHaveCount(1);
  await page.keyboard.type('wrong');
  await page.keyboard.press('Enter');
  await expect(page.getByText('This does not open the lock.')).toBeVisible();
  await expect(passphrase).toHaveValue('');
  await passphrase.fill('seven quiet violas');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('list', { name: 'Conversations' })).toBeVisible();
});

test('[WEB37] a passkey that was set for it opens it', async ({ page, open }) => {
  await open('story');
  const credential = await givePasskey(page);
  await page.evaluate(async (id) => {
    const { story } = globalThis as unknown as { story: Record<string, (input: object) => Promise<void>> };
    await story.setLockPasskey?.({ credential: id, prf: new Uint8Array(32) });
    await story.lock?.({});
  }, credential);
  await page.getByRole('button', { name: 'Use passkey' }).click();
  await expect(page.getByRole('list', { name: 'Conversations' })).toBeVisible();
  const unlock = (await told(page)).at(-1) as { prf: Uint8Array };
  expect(unlock).toMatchObject({ verb: 'unlock', way: 'passkey', credential });
  expect(unlock.prf).toHaveLength(32);
});

test('[WEB37] what the page held goes with the lock, and where one was', async ({ page, open }) => {
  await open('story');
  await openConversation(page, 'bob');
  await page.getByRole('textbox', { name: 'Message' }).fill('half a thought');
  await page.evaluate(() =>
    (globalThis as unknown as { story: { lock(input: object): Promise<void> } }).story.lock({}),
  );
  await expect(page.getByRole('textbox', { name: 'Passphrase' })).toBeVisible();
  expect(await page.evaluate(() => history.state)).toBeNull();
  await page.getByRole('textbox', { name: 'Passphrase' }).fill('seven quiet violas');
  await page.keyboard.press('Enter');
  await openConversation(page, 'bob');
  await expect(page.getByRole('textbox', { name: 'Message' })).toHaveValue('');
});

test('[WEB37] [WEB39] wiping is confirmed, and says what is lost', async ({ page, open }) => {
  await open('locked');
  await page.getByRole('button', { name: 'Wipe this device…' }).click();
  const dialog = page.getByRole('alertdialog', { name: 'Wipe this device?' });
  await expect(dialog).toContainText('cannot be fetched again');
  await expect(dialog.getByRole('button', { name: 'Keep it' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('button', { name: 'Wipe this device…' })).toBeFocused();
  await page.keyboard.press('Enter');
  await dialog.getByRole('button', { name: 'Wipe this device' }).click();
  await expect(page.getByRole('textbox', { name: 'Username' })).toBeVisible();
});

test('[WEB22] [WEB37] a locked device has its account still: the next start waits for it', async ({
  page,
  open,
}) => {
  await open('locked');
  await page.getByRole('textbox', { name: 'Passphrase' }).waitFor();
  await open('starting');
  await expect(page.getByText('Opening your messages')).toBeAttached();
});
