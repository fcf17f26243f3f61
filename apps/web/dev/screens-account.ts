import type { Page } from '@playwright/test';
import type { StoryName } from './story-stage.ts';

/** A page of the account sheet, and the way there: for pictures, and for the accessibility of each. */
export interface AccountScreen {
  readonly story: StoryName;
  readonly act?: (page: Page) => Promise<unknown>;
}

const PASSWORD = 'correct horse battery';

const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).click();

/** Opens the account sheet and goes from row to row. */
export async function openAccount(page: Page, ...rows: readonly string[]): Promise<void> {
  await page.getByRole('button', { name: 'Account', exact: true }).click();
  for (const row of rows) await page.getByRole('dialog').getByRole('button', { name: row }).click();
  await page.getByText('Asking the relay…').waitFor({ state: 'hidden' });
}

const at =
  (...rows: readonly string[]) =>
  (page: Page) =>
    openAccount(page, ...rows);

async function confirm(page: Page, submit: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Your password' }).fill(PASSWORD);
  await press(page, submit);
}

export const ACCOUNT_SCREENS: Readonly<Record<string, AccountScreen>> = {
  account: { story: 'story', act: at() },
  'sign-out': { story: 'offline', act: at('Sign out…') },
  'account-theme': { story: 'story', act: at('Theme') },
  'account-this-device': { story: 'story', act: at('This device') },
  'account-relay': { story: 'story', act: at('What the relay sees') },
  'account-security': { story: 'empty', act: at('Security') },
  'account-secured': { story: 'secured', act: at('Security') },
  'account-password': {
    story: 'secured',
    act: async (page) => {
      await openAccount(page, 'Security', 'Password');
      await page.getByRole('textbox', { name: 'Your password' }).fill('wrong');
      await page.getByRole('textbox', { name: 'New password' }).fill('tall green bicycle lamp');
      await page.getByText('Strong.').waitFor();
      await press(page, 'Change password');
      await page.getByText('This is not your password.').waitFor();
    },
  },
  'account-key': { story: 'empty', act: at('Security', 'Recovery key') },
  'account-key-shown': {
    story: 'empty',
    act: async (page) => {
      await openAccount(page, 'Security', 'Recovery key');
      await confirm(page, 'Make a recovery key');
      await page.getByText('This is shown once.').waitFor();
    },
  },
  'account-key-test': {
    story: 'empty',
    act: async (page) => {
      await openAccount(page, 'Security', 'Recovery key');
      await confirm(page, 'Make a recovery key');
      await press(page, 'I have it: test it');
    },
  },
  'account-email': { story: 'secured', act: at('Security', 'E-mail') },
  'account-email-code': {
    story: 'story',
    act: async (page) => {
      await openAccount(page, 'Security', 'E-mail');
      await page.getByRole('textbox', { name: 'E-mail address' }).fill('alice@example.org');
      await confirm(page, 'Send a code');
      await page.getByRole('textbox', { name: 'Code' }).waitFor();
    },
  },
  'account-second-step': { story: 'secured', act: at('Security', 'Second step') },
  'account-authenticator': {
    story: 'empty',
    act: async (page) => {
      await openAccount(page, 'Security', 'Second step', 'Authenticator app');
      await confirm(page, 'Set it up');
      await page.getByRole('img', { name: 'QR code' }).waitFor();
    },
  },
  'account-codes': {
    story: 'secured',
    act: async (page) => {
      await openAccount(page, 'Security', 'Second step', 'Recovery codes');
      await confirm(page, 'Make new codes');
      await page.getByRole('list', { name: 'Recovery codes' }).waitFor();
    },
  },
  'account-passkeys': { story: 'secured', act: at('Security', 'Second step', 'Passkeys') },
  'account-passkey-add': {
    story: 'secured',
    act: async (page) => {
      await openAccount(page, 'Security', 'Second step', 'Passkeys');
      await press(page, 'Add a passkey');
    },
  },
  'account-mail-code': { story: 'secured', act: at('Security', 'Second step', 'Code by mail') },
  'account-devices': {
    story: 'story',
    act: async (page) => {
      await openAccount(page, 'Devices');
      await page.getByRole('list', { name: 'Devices' }).waitFor();
    },
  },
  'account-remove-device': {
    story: 'story',
    act: async (page) => {
      await openAccount(page, 'Devices');
      await press(page, 'Remove Phone…');
    },
  },
  'account-lock': { story: 'story', act: at('App lock') },
  'account-lock-on': { story: 'app-lock', act: at('App lock') },
  'account-delete': { story: 'story', act: at('Delete account…') },
  'account-notices': { story: 'notices' },
  'account-not-me': {
    story: 'notices',
    act: async (page) => {
      await press(page, 'Not me');
      await page.getByRole('dialog').waitFor();
    },
  },
  'account-nudge': {
    story: 'empty',
    act: async (page) => {
      // Another screen may have had a key in this browser.
      await page.evaluate(() => localStorage.clear());
      await page.reload();
      await page.getByRole('heading', { name: 'Make a recovery key' }).waitFor();
    },
  },
  'account-shared': { story: 'shared' },
  'account-deleted-contact': {
    story: 'deleted-contact',
    act: async (page) => {
      await page.getByRole('list', { name: 'Conversations' }).getByRole('button', { name: /bob/ }).click();
      await page.getByText('deleted their account.').waitFor();
    },
  },
};
