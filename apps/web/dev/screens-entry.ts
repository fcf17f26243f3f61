import type { Page } from '@playwright/test';
import type { StoryName } from './story-stage.ts';

/** One screen to look at and to check: the story it is of, and what to do to see it. */
export interface Screen {
  readonly story: StoryName;
  readonly hash?: string;
  readonly act?: (page: Page) => Promise<unknown>;
}

const typeName = async (page: Page, name: string) => {
  await page.getByRole('textbox', { name: 'Username' }).fill(name);
  await page.getByRole('textbox', { name: 'Password' }).fill('correct horse battery');
};

const signInAs = (name: string) => async (page: Page) => {
  await typeName(page, name);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'One more proof' }).waitFor();
};

const choose = async (page: Page, way: string) => {
  await page.getByRole('button', { name: way }).click();
};

/** Forgot password, as far as the step after the code by mail. */
const recoverAs = (name: string) => async (page: Page) => {
  await page.getByRole('button', { name: 'Forgot password?' }).click();
  await page.getByRole('textbox', { name: 'Username' }).fill(name);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('textbox', { name: 'Code' }).fill('12345678');
  await page.getByRole('button', { name: 'Continue' }).click();
};

const recoverCarol = async (page: Page) => {
  await recoverAs('carol')(page);
  await choose(page, 'Authenticator app');
  await page.getByRole('textbox', { name: 'Code' }).fill('123456');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('heading', { name: 'Your identity' }).waitFor();
};

/** The ways into an account, and back in. */
export const ENTRY_SCREENS: Record<string, Screen> = {
  'sign-in-closed': { story: 'closed' },
  'sign-in-invite-only': { story: 'invite-only' },
  'create-invited': { story: 'invite-only', hash: `#invite=${'A'.repeat(43)}` },
  'create-weak': {
    story: 'signed-out',
    act: async (page) => {
      await page.getByRole('textbox', { name: 'Username' }).fill('alice');
      await page.getByRole('textbox', { name: 'Password' }).fill('seven77');
      await page.getByRole('button', { name: 'Create account' }).click();
      await page.getByText('Too short').waitFor();
    },
  },
  'create-mail': {
    story: 'with-mail',
    act: async (page) => {
      await typeName(page, 'alice');
      await page.getByRole('button', { name: 'Create account' }).click();
      await page.getByRole('textbox', { name: 'E-mail' }).fill('alice@example.org');
      await page.getByText('Strong.').waitFor();
    },
  },
  'create-code': {
    story: 'with-mail',
    act: async (page) => {
      await typeName(page, 'alice');
      await page.getByRole('button', { name: 'Create account' }).click();
      await page.getByRole('textbox', { name: 'E-mail' }).fill('alice@example.org');
      await page.getByRole('button', { name: 'Create account' }).click();
      await page.getByRole('heading', { name: 'Is this your address?' }).waitFor();
    },
  },
  'factor-passkey': { story: 'with-mail', act: signInAs('carol') },
  'factor-mail': { story: 'with-mail', act: signInAs('dave') },
  'factor-totp-wrong': {
    story: 'with-mail',
    act: async (page) => {
      await signInAs('carol')(page);
      await choose(page, 'Authenticator app');
      await page.getByRole('textbox', { name: 'Code' }).fill('000000');
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.getByText('This code is wrong').waitFor();
    },
  },
  'factor-key': {
    story: 'with-mail',
    act: async (page) => {
      await signInAs('carol')(page);
      await choose(page, 'Recovery key');
      await page.getByRole('textbox', { name: 'Recovery key' }).fill('7W3K-QM2T-9XPA-4HNC-V8ZD-E5R');
    },
  },
  'recover-name': {
    story: 'with-mail',
    act: (page) => page.getByRole('button', { name: 'Forgot password?' }).click(),
  },
  'recover-no-mail': {
    story: 'signed-out',
    act: (page) => page.getByRole('button', { name: 'Forgot password?' }).click(),
  },
  'recover-code': {
    story: 'with-mail',
    act: async (page) => {
      await page.getByRole('button', { name: 'Forgot password?' }).click();
      await page.getByRole('textbox', { name: 'Username' }).fill('carol');
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.getByRole('heading', { name: 'Is it you?' }).waitFor();
    },
  },
  'recover-identity': {
    story: 'with-mail',
    act: async (page) => {
      await recoverCarol(page);
      await page.getByText('With my recovery key').click();
    },
  },
  'recover-lost': {
    story: 'with-mail',
    act: async (page) => {
      await recoverAs('dave')(page);
      await page.getByText('This is what you lose').waitFor();
    },
  },
  'recover-password': {
    story: 'with-mail',
    act: async (page) => {
      await recoverAs('alice')(page);
      await page.getByRole('textbox', { name: 'New password' }).fill('one two');
      await page.getByRole('status').filter({ hasText: 'enough' }).waitFor();
    },
  },
  locked: { story: 'locked' },
  'locked-wipe': {
    story: 'locked',
    act: (page) => page.getByRole('button', { name: 'Wipe this device…' }).click(),
  },
  'ended-factor': {
    story: 'ended-factors',
    act: async (page) => {
      await page.getByRole('textbox', { name: 'Password' }).fill('correct horse battery');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('heading', { name: 'One more proof' }).waitFor();
    },
  },
  'ended-forgot': {
    story: 'ended-factors',
    act: (page) => page.getByRole('button', { name: 'Forgot password?' }).click(),
  },
};
