import { expect, type Page, test } from '@playwright/test';
import type {} from '../../packages/core/test/browser/tell-page.ts';
import { RECORD_STORE_CONTRACT } from '../../packages/core/test/store/record-store-contract.ts';
import { type Served, serve } from './serve.ts';

let served: Served;
test.beforeAll(async () => {
  served = await serve({ store: 'packages/core/test/browser/store-worker.ts' });
});
test.afterAll(() => served.close());

/** What a worker of its own says to one story. */
function tell(page: Page, story: string): Promise<unknown> {
  return page.evaluate((name) => window.tell('/store.js', name), story);
}

for (const { name } of RECORD_STORE_CONTRACT) {
  test(`in Chromium: ${name}`, async ({ page }) => {
    await page.goto(served.origin);
    expect(await tell(page, name)).toEqual({ value: undefined });
  });
}

test('[VAULT8] a full disk answers quota, and what was acknowledged is still there', async ({ page }) => {
  await page.goto(served.origin);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Storage.overrideQuotaForOrigin', {
    origin: served.origin,
    quotaSize: 8 * 1024 * 1024,
  });
  expect(await tell(page, 'quota')).toEqual({ value: { code: 'quota', lost: 0 } });
});

test('[VAULT1] a store opens after a reload, with the key that no script can read', async ({ page }) => {
  await page.goto(served.origin);
  expect(await tell(page, 'write')).toEqual({ value: 'written' });
  await page.reload();
  expect(await tell(page, 'read')).toEqual({ value: [7] });
});
