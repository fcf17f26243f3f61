import type { Page } from '@playwright/test';
import { expect, test, told } from './story-test.ts';

test.use({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });

const PASSWORD = 'correct horse battery';
const INVITE = 'kq3_-9'.repeat(8).slice(0, 43);

async function type(page: Page, username: string, password = PASSWORD): Promise<void> {
  await page.getByRole('textbox', { name: 'Username' }).fill(username);
  await page.getByRole('textbox', { name: 'Password' }).fill(password);
}

const create = (page: Page) => page.getByRole('button', { name: 'Create account' }).click();
const welcome = (page: Page) => page.getByRole('heading', { name: 'Welcome, alice.' });

test('[WEB27] one press makes an account where the relay sends no mail', async ({ page, open }) => {
  await open('signed-out');
  await type(page, 'Alice ');
  await create(page);
  await expect(welcome(page)).toBeVisible();
  expect(await told(page)).toEqual([{ verb: 'register', username: 'alice', shared: false }]);
});

test('[WEB27] [WEB39] where it sends mail, the address is asked for, and may be left out', async ({
  page,
  open,
}) => {
  await open('with-mail');
  await type(page, 'alice');
  await create(page);
  await expect(page.getByRole('textbox', { name: 'E-mail (optional)' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(welcome(page)).toBeVisible();
  expect((await told(page)).map(({ verb }) => verb)).toEqual(['register']);
});

test('[WEB27] [WEB33] an address is proved before there is an account', async ({ page, open }) => {
  await page.clock.install();
  await open('mail-required');
  await type(page, 'alice');
  await create(page);
  await create(page);
  await expect(page.getByText('This relay asks for an e-mail address.')).toBeVisible();
  await page.getByRole('textbox', { name: 'E-mail' }).fill('alice@example.org');
  await create(page);
  const code = page.getByRole('textbox', { name: 'Code' });
  await expect(code).toBeFocused();
  await expect(page.getByText('alice@example.org')).toBeVisible();
  await page.keyboard.type('0000 0000');
  await page.keyboard.press('Enter');
  await expect(page.getByText('This code is wrong')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Send another code' })).toBeHidden();
  await page.clock.runFor(31_000);
  await page.getByRole('button', { name: 'Send another code' }).click();
  await expect(code).toBeFocused();
  await expect(code).toHaveValue('');
  await page.keyboard.type('12345678');
  await page.keyboard.press('Enter');
  await expect(welcome(page)).toBeVisible();
  expect((await told(page)).map(({ verb }) => verb)).toEqual(['startEmail', 'startEmail', 'register']);
});

test('[WEB27] a name that is taken is mended with the address still proved', async ({ page, open }) => {
  await open('mail-required');
  await type(page, 'bob');
  await create(page);
  await page.getByRole('textbox', { name: 'E-mail' }).fill('bob@example.org');
  await create(page);
  await page.getByRole('textbox', { name: 'Code' }).fill('12345678');
  await create(page);
  await expect(page.getByText('Somebody already has this username.')).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'Username' })).toBeFocused();
  await page.getByRole('textbox', { name: 'Username' }).fill('alice');
  await create(page);
  await expect(welcome(page)).toBeVisible();
  expect((await told(page)).map(({ verb }) => verb)).toEqual(['startEmail', 'register', 'register']);
});

test('[WEB28] [WEB39] a weak password is told why, and is not sent', async ({ page, open }) => {
  await open('signed-out');
  await type(page, 'alice', 'seven77');
  await create(page);
  const password = page.getByRole('textbox', { name: 'Password' });
  await expect(password).toBeFocused();
  await expect(page.getByRole('status').filter({ hasText: 'Too short' })).toBeVisible();
  await create(page);
  await expect(page.getByText('This password is too easy to guess.')).toBeVisible();
  await password.fill('123456789012');
  await expect(page.getByRole('status').filter({ hasText: 'anybody tries' })).toBeVisible();
  await password.fill('alice and so on');
  await expect(page.getByRole('status').filter({ hasText: 'your username' })).toBeVisible();
  expect(await told(page)).toEqual([]);
  await password.fill(PASSWORD);
  await expect(page.getByRole('status').filter({ hasText: 'Strong.' })).toBeVisible();
  await create(page);
  await expect(welcome(page)).toBeVisible();
});

test('[WEB29] an invitation leaves the address and goes with the account', async ({ page, open }) => {
  await open('invite-only', `#invite=${INVITE}`);
  await expect(page.getByRole('heading', { name: 'You are invited' })).toBeVisible();
  expect(await page.evaluate(() => location.hash)).toBe('');
  await type(page, 'alice');
  await page.getByRole('textbox', { name: 'E-mail' }).fill('alice@example.org');
  await create(page);
  await page.getByRole('textbox', { name: 'Code' }).fill('12345678');
  await create(page);
  await expect(welcome(page)).toBeVisible();
  expect((await told(page)).at(-1)).toMatchObject({ verb: 'register', invite: INVITE });
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
  expect(kept).not.toContain(INVITE);
});

test('[WEB30] a relay that is closed, or for invited people, says so', async ({ page, open }) => {
  await open('closed');
  await expect(page.getByText('This relay takes no new accounts.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Create account' })).toBeHidden();
  await open('invite-only');
  await expect(page.getByText('New accounts need an invitation link')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Create account' })).toBeHidden();
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
});

test('[WEB31] a shared computer keeps nothing of the page', async ({ page, open }) => {
  await open('signed-out');
  await page.getByRole('checkbox', { name: 'This is a shared computer' }).focus();
  await page.keyboard.press('Space');
  await type(page, 'alice');
  for (const name of ['Username', 'Password'])
    await expect(page.getByRole('textbox', { name })).toHaveAttribute('autocomplete', 'off');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(welcome(page)).toBeVisible();
  expect(await told(page)).toEqual([{ verb: 'signIn', username: 'alice', shared: true }]);
  expect(await page.evaluate(() => Object.keys(localStorage))).toEqual([]);
});

test('[WEB39] going back from a step, what was typed is still there', async ({ page, open }) => {
  await open('with-mail');
  await type(page, 'dave');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('textbox', { name: 'Code' })).toBeFocused();
  await page.getByRole('button', { name: 'Back' }).click();
  await expect(page.getByRole('textbox', { name: 'Password' })).toBeFocused();
  await expect(page.getByRole('textbox', { name: 'Username' })).toHaveValue('dave');
  await create(page);
  await expect(page.getByRole('heading', { name: 'A new account' })).toBeVisible();
  await page.getByRole('button', { name: 'Back' }).click();
  await expect(page.getByRole('textbox', { name: 'Username' })).toBeFocused();
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
  expect((await told(page)).map(({ verb }) => verb)).toEqual(['signIn', 'sendCode']);
});
