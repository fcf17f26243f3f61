import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from '@playwright/test';
import { buildStories } from './build-stories.ts';
import { ACCOUNT_SCREENS } from './screens-account.ts';
import { ENTRY_SCREENS, type Screen } from './screens-entry.ts';
import { serveFolder } from './serve.ts';

// Pictures of every screen at two widths in two themes, to be looked at: node apps/web/dev/screenshots.ts [out] [screen,screen]

const openBob = async (page: Page) => {
  await page.getByRole('list', { name: 'Conversations' }).getByRole('button', { name: /bob/ }).click();
  await page.getByRole('log', { name: 'Messages' }).waitFor();
};

const SCREENS: Record<string, Screen> = {
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
  ...ENTRY_SCREENS,
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
const stories = await buildStories();
const site = await serveFolder(stories);
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
      if (only.split(',').some((part) => name.includes(part)))
        await shoot(context, name, `${width}-${colorScheme}`);
    }
    await context.close();
  }
}
await browser.close();
await site.close();
await rm(stories, { recursive: true });
