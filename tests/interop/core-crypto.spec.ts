import { expect, test } from '@playwright/test';
import { type ServedPage, servePage } from './serve.ts';

let served: ServedPage;

test.beforeAll(async () => {
  served = await servePage();
});

test.afterAll(() => served.close());

const STORIES = [
  'we create, they join, both update and talk',
  'they create, we join, both update and talk',
  'both add and both remove, and the removed know it',
  'the first half of the tree empties, and the rest goes on',
];

for (const story of STORIES) {
  test(`[MLS49] ${story}`, async ({ page }) => {
    await page.goto(served.url);
    await page.waitForFunction(() => window.sotto !== undefined);
    const told = await page.evaluate(async (name) => {
      await window.sotto.ready;
      return window.sotto.run(name).then(
        () => 'agreed',
        (error: unknown) => String(error),
      );
    }, story);
    expect(told).toBe('agreed');
  });
}

test('[MLS49] every story is told', async ({ page }) => {
  await page.goto(served.url);
  await page.waitForFunction(() => window.sotto !== undefined);
  expect(await page.evaluate(() => window.sotto.names)).toEqual(STORIES);
});

test('[MLS47] the browser’s own primitives and the portable ones open what each other seals', async ({
  page,
}) => {
  await page.goto(served.url);
  await page.waitForFunction(() => window.sotto !== undefined);
  await page.evaluate(() => window.sotto.compareProviders());
});
