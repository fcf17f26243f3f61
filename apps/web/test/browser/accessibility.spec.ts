import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { ACCOUNT_SCREENS } from '../../dev/screens-account.ts';
import { ENTRY_SCREENS } from '../../dev/screens-entry.ts';
import type { StoryName } from '../../dev/story-chat.ts';
import { expect, openConversation, test } from './story-test.ts';

const SCREENS: readonly (readonly [
  name: string,
  story: StoryName,
  act?: ((page: Page) => Promise<unknown>) | undefined,
  hash?: string | undefined,
])[] = [
  ['sign in', 'signed-out', (page) => page.getByText('What does the relay see?').click()],
  [
    'sign in, refused',
    'signed-out',
    async (page) => {
      await page.getByRole('textbox', { name: 'Password' }).fill('short');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByText('do not go together').waitFor();
    },
  ],
  ...Object.entries(ENTRY_SCREENS).map(([name, { story, act, hash }]) => [name, story, act, hash] as const),
  ['nothing yet', 'empty'],
  ['conversations', 'story'],
  ['thread', 'story', (page) => openConversation(page, 'bob')],
  ['thread with new lines', 'story', (page) => openConversation(page, 'carol')],
  [
    'find people',
    'story',
    async (page) => {
      await page.getByRole('button', { name: 'New conversation' }).click();
      await page.getByRole('searchbox', { name: 'Find people' }).fill('caro');
      await page.getByRole('button', { name: 'caro1' }).waitFor();
    },
  ],
  [
    'safety number',
    'story',
    async (page) => {
      await openConversation(page, 'bob');
      await page.getByRole('button', { name: 'Safety number' }).click();
      await page.getByRole('img').waitFor();
    },
  ],
  [
    "relay's view",
    'story',
    async (page) => {
      await openConversation(page, 'bob');
      await page.getByRole('button', { name: "Relay's view", exact: true }).click();
      await page.getByRole('article').first().waitFor();
    },
  ],
  ['offline', 'offline', (page) => openConversation(page, 'bob')],
  ['alarm', 'alarm', (page) => openConversation(page, 'bob')],
  ['alarm of the account', 'account-alarm'],
  ['session ended', 'ended'],
  ...Object.entries(ACCOUNT_SCREENS).map(([name, { story, act }]) => [name, story, act] as const),
];

// Colours depend on the theme and layout on the width, so that two pictures cover both.
for (const [colorScheme, width] of [
  ['light', 390],
  ['dark', 1280],
] as const) {
  test.describe(`${colorScheme}, ${width} pixels`, () => {
    test.use({ colorScheme, viewport: { width, height: 844 }, reducedMotion: 'reduce' });
    for (const [name, story, act, hash] of SCREENS) {
      test(`[WEB20] ${name} passes axe-core`, async ({ page, open }) => {
        await open(story, hash);
        await page.locator('#root > *').first().waitFor();
        await act?.(page);
        await page.evaluate(() => document.getAnimations().map((animation) => animation.finish()));
        const { violations } = await new AxeBuilder({ page })
          .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
          .analyze();
        const found = violations.map(({ id, nodes }) => ({ id, where: nodes.map((node) => node.html) }));
        expect(found).toEqual([]);
      });
    }
  });
}
