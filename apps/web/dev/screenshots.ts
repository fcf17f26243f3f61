import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from '@playwright/test';
import { buildStories } from './build-stories.ts';
import { ACCOUNT_SCREENS } from './screens-account.ts';
import { serveFolder } from './serve.ts';

// Pictures of every screen at two widths in two themes, to be looked at: node apps/web/dev/screenshots.ts [out] [screen]

const openBob = async (page: Page) => {
  await page.getByRole('list', { name: 'Conversations' }).getByRole('button', { name: /bob/ }).click();
  await page.getByRole('log', { name: 'Messages' }).waitFor();
};

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

const SCREENS: Record<string, { story: string; hash?: string; act?: (page: Page) => Promise<unknown> }> = {
  'sign-in': { story: 'signed-out' },
  'sign-in-wrong': {
    story: 'signed-out',
    act: async (page) => {
      await page.getByRole('textbox', { name: 'Username' }).fill('alice');
      await page.getByRole('textbox', { name: 'Password' }).fill('short');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByText('do not go together').waitFor();
    },
  },
  'sign-in-closed': { story: 'closed' },
  'sign-in-invite-only': { story: 'invite-only' },
  'create-invited': { story: 'invite-only', hash: `#invite=${'A'.repeat(43)}` },
  'create-weak': {
    story: 'signed-out',
    act: async (page) => {
      await page.getByRole('textbox', { name: 'Username' }).fill('alice');
      await page.getByRole('textbox', { name: 'Password' }).fill('seven77');
      await page.getByRole('button', { name: 'Create account' }).click();
      await page.getByText('too easy to guess').waitFor();
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
  empty: { story: 'empty' },
  list: { story: 'story' },
  thread: { story: 'story', act: openBob },
  'find-people': {
    story: 'story',
    act: async (page) => {
      await page.getByRole('button', { name: 'New conversation' }).click();
      await page.getByRole('searchbox', { name: 'Find people' }).fill('caro');
      await page.getByRole('list', { name: 'People' }).waitFor();
    },
  },
  'new-thread': {
    story: 'story',
    act: async (page) => {
      await page.getByRole('button', { name: 'New conversation' }).click();
      await page.getByRole('searchbox', { name: 'Find people' }).fill('caro1');
      await page.getByRole('button', { name: 'caro1' }).click();
    },
  },
  unread: {
    story: 'story',
    act: async (page) => {
      await page.getByRole('list', { name: 'Conversations' }).getByRole('button', { name: /carol/ }).click();
    },
  },
  safety: {
    story: 'story',
    act: async (page) => {
      await openBob(page);
      await page.getByRole('button', { name: 'Safety number' }).click();
      await page.getByRole('img').waitFor();
    },
  },
  'relay-view': {
    story: 'story',
    act: async (page) => {
      await openBob(page);
      await page.getByRole('button', { name: "Relay's view", exact: true }).click();
      await page.getByRole('article').first().waitFor();
    },
  },
  offline: { story: 'offline', act: openBob },
  'offline-list': { story: 'offline' },
  alarm: { story: 'alarm', act: openBob },
  tampered: { story: 'tampered', act: openBob },
  'account-alarm': { story: 'account-alarm' },
  ended: { story: 'ended' },
  ...ACCOUNT_SCREENS,
  scrolled: {
    story: 'long',
    act: async (page) => {
      await openBob(page);
      await page.getByRole('log').evaluate((log) => {
        log.scrollTop = log.scrollHeight / 2;
      });
      await page.getByRole('button', { name: 'Newest' }).waitFor();
      await page.evaluate(() =>
        (globalThis as unknown as { story: { hear(key: string, text: string): void } }).story.hear(
          'b0b0000000000000000000000000b0b5',
          'Are you there?',
        ),
      );
    },
  },
};

const [folder = '/tmp/shots', only = ''] = process.argv.slice(2);
await mkdir(folder, { recursive: true });
const site = await serveFolder(await buildStories());
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
  ],
});

async function shoot(context: BrowserContext, name: string, suffix: string): Promise<void> {
  const screen = SCREENS[name];
  if (screen === undefined) return;
  const page = await context.newPage();
  page.on('console', (message) => process.stdout.write(`${name} ${suffix}: ${message.text()}\n`));
  page.on('pageerror', (error) => process.stdout.write(`${name} ${suffix}: ${error.message}\n`));
  await page.goto(`${site.origin}/?story=${screen.story}${screen.hash ?? ''}`);
  try {
    await screen.act?.(page);
    await page.evaluate(() => document.fonts.ready);
    await page.waitForLoadState('networkidle');
  } catch (error) {
    process.stdout.write(`${name} ${suffix}: ${String(error).slice(0, 300)}\n`);
  }
  await page.screenshot({ path: join(folder, `${name}-${suffix}.png`), animations: 'disabled' });
  await page.close();
}

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [390, 1280]) {
    const context = await browser.newContext({
      colorScheme,
      viewport: { width, height: width === 390 ? 844 : 800 },
      reducedMotion: 'reduce',
    });
    context.setDefaultTimeout(5000);
    for (const name of Object.keys(SCREENS)) {
      if (name.includes(only)) await shoot(context, name, `${width}-${colorScheme}`);
    }
    await context.close();
  }
}
await browser.close();
await site.close();
