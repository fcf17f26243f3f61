import type { Page } from '@playwright/test';
import { givePasskey } from './passkey.ts';
import { expect, test, told } from './story-test.ts';

test.use({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });

async function signIn(page: Page, username: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Username' }).fill(username);
  await page.getByRole('textbox', { name: 'Password' }).fill('correct horse battery');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { name: 'One more proof' })).toBeVisible();
}

const welcome = (page: Page, name: string) =>
  page.getByRole('list', { name: 'Conversations' }).or(page.getByText(`Welcome, ${name}.`));

test('[WEB32] [WEB39] offers the strongest first, and the others in their order', async ({ page, open }) => {
  await open('with-mail');
  await signIn(page, 'carol');
  await expect(page.getByRole('button', { name: 'Use passkey' })).toBeFocused();
  const others = page.getByRole('region', { name: 'Another way' }).getByRole('button');
  await expect(others).toHaveText([
    /^Authenticator app/,
    /^Code by mail.*weakest/,
    /^Recovery code/,
    /^Recovery key/,
  ]);
  await others.first().press('Enter');
  await expect(page.getByRole('textbox', { name: 'Code' })).toBeFocused();
  expect((await told(page)).map(({ verb }) => verb)).toEqual(['signIn']);
});

test('[WEB32] a wrong code stays to be mended; a right one signs in', async ({ page, open }) => {
  await open('with-mail');
  await signIn(page, 'carol');
  await page.getByRole('button', { name: 'Authenticator app' }).click();
  await page.keyboard.type('000000');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert').getByText('This code is wrong')).toBeVisible();
  await page.getByRole('textbox', { name: 'Code' }).fill('123456');
  await page.keyboard.press('Enter');
  await expect(welcome(page, 'carol')).toBeVisible();
  expect((await told(page)).at(-1)).toEqual({ verb: 'verifySignIn', method: 'totp', code: '123456' });
});

test('[WEB32] [WEB39] an attempt that is over leads back to the card, which says why', async ({
  page,
  open,
}) => {
  await open('with-mail');
  await signIn(page, 'dave');
  await page.getByRole('textbox', { name: 'Code' }).fill('99999999');
  await page.keyboard.press('Enter');
  await expect(page.getByText('This took too long, or was tried too often.')).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'Password' })).toBeFocused();
});

test('[WEB33] mail that is chosen sends one code, and no other for half a minute', async ({ page, open }) => {
  await page.clock.install();
  await open('with-mail');
  await signIn(page, 'carol');
  await page.getByRole('button', { name: 'Code by mail' }).click();
  await expect(page.getByText(/Another one can go out in \d+ s/)).toBeVisible();
  await page.getByRole('button', { name: 'Authenticator app' }).click();
  await page.getByRole('button', { name: 'Code by mail' }).click();
  const sent = async () => (await told(page)).filter(({ verb }) => verb === 'sendCode').length;
  expect(await sent()).toBe(1);
  await page.clock.runFor(31_000);
  await page.getByRole('textbox', { name: 'Code' }).fill('1234');
  await page.getByRole('button', { name: 'Send another code' }).click();
  await expect(page.getByRole('textbox', { name: 'Code' })).toHaveValue('');
  await expect(page.getByRole('textbox', { name: 'Code' })).toBeFocused();
  expect(await sent()).toBe(2);
});

test('[WEB32] recovery code and recovery key stand in for the others', async ({ page, open }) => {
  await open('with-mail');
  await signIn(page, 'carol');
  await page.getByRole('button', { name: 'Recovery code' }).click();
  await expect(page.getByRole('textbox', { name: 'Recovery code' })).toBeFocused();
  await page.getByRole('button', { name: 'Recovery key' }).click();
  const key = Array.from({ length: 9 }, () => '7w3k').join(' ');
  await page.getByRole('textbox', { name: 'Recovery key' }).fill(key);
  await page.keyboard.press('Tab');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(welcome(page, 'carol')).toBeVisible();
  expect((await told(page)).at(-1)).toEqual({ verb: 'verifySignIn', method: 'recovery_key', key });
});

test('[WEB34] a passkey proves, and its PRF output goes beside the answer, not in it', async ({
  page,
  open,
}) => {
  await open('with-mail');
  await givePasskey(page);
  await signIn(page, 'carol');
  await page.keyboard.press('Enter');
  await expect(welcome(page, 'carol')).toBeVisible();
  const { prf, response } = (await told(page)).at(-1) as { prf: Uint8Array; response: string };
  expect(prf).toHaveLength(32);
  expect(new Set(prf).size).toBeGreaterThan(8);
  const answer = JSON.parse(response);
  expect(answer.response.signature).toMatch(/^[\w-]+$/);
  expect(answer.clientExtensionResults).toEqual({});
});

test('[WEB34] a passkey that is not there is refused in words, and the other ways stay', async ({
  page,
  open,
}) => {
  await open('with-mail');
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: false,
      automaticPresenceSimulation: true,
    },
  });
  await signIn(page, 'erin');
  await page.getByRole('button', { name: 'Use passkey' }).click();
  await expect(page.getByText('The passkey was not accepted, or was cancelled.')).toBeVisible();
  await page.getByRole('button', { name: 'Recovery code' }).click();
  await page.keyboard.type('abcde-fghjk');
  await page.keyboard.press('Enter');
  await expect(welcome(page, 'erin')).toBeVisible();
});
