import { rm } from 'node:fs/promises';
import { test as base, expect, type Page } from '@playwright/test';
import { buildStories } from '../../dev/build-stories.ts';
import { serveFolder } from '../../dev/serve.ts';
import type { StoryChat, StoryName } from '../../dev/story-chat.ts';

const BOB = 'b0b0000000000000000000000000b0b5';

interface StoryTest {
  /** Opens the page on a story; a CSP violation, an error of the page or a foreign request fails the test. */
  readonly open: (story: StoryName, hash?: string) => Promise<void>;
}

export const test = base.extend<StoryTest, { site: string }>({
  site: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what a fixture needs from this pattern
    async ({}, use) => {
      const folder = await buildStories();
      const site = await serveFolder(folder);
      await use(site.origin);
      await site.close();
      await rm(folder, { recursive: true });
    },
    { scope: 'worker' },
  ],
  open: async ({ page, site }, use) => {
    const wrong: string[] = [];
    page.on('pageerror', (error) => wrong.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') wrong.push(message.text());
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(site)) wrong.push(`asked ${request.url()}`);
    });
    await use(async (story, hash = '') => {
      await page.goto(`${site}/?story=${story}${hash}`);
    });
    expect(wrong).toEqual([]);
  },
});

export async function openConversation(page: Page, name: string): Promise<void> {
  await page.getByRole('list', { name: 'Conversations' }).getByRole('button', { name }).click();
  await page.getByRole('log', { name: 'Messages' }).waitFor();
}

/** The other side says something. */
export async function hear(page: Page, text: string): Promise<void> {
  await page.evaluate(
    ({ key, said }) => (globalThis as unknown as { story: StoryChat }).story.hear(key, said),
    { key: BOB, said: text },
  );
}

/** What the page said to the chat, in order. */
export function told(page: Page): Promise<StoryChat['told']> {
  return page.evaluate(() => (globalThis as unknown as { story: StoryChat }).story.told);
}

/** Pixels between what is in sight and the end of the log. */
export function distanceFromEnd(page: Page): Promise<number> {
  return page
    .getByRole('log', { name: 'Messages' })
    .evaluate((log) => Math.round(log.scrollHeight - log.scrollTop - log.clientHeight));
}

export { expect };
