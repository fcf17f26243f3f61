import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import type {} from '../../packages/core/test/browser/tabs-page.ts';
import { type Served, serve } from './serve.ts';

let served: Served;
test.beforeAll(async () => {
  served = await serve({
    notebook: 'packages/core/test/browser/tabs-worker.ts',
    engine: 'packages/core/src/worker.ts',
  });
});
test.afterAll(() => served.close());

async function openTab(context: BrowserContext, worker = 'notebook'): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${served.origin}/?worker=${worker}`);
  await page.waitForFunction(() => window.chat?.snapshot().session.state === 'signed_out');
  return page;
}

const send = (page: Page, at: number) =>
  page.evaluate(
    (n) =>
      window.chat.sendMessage({
        conversation: 'notes',
        id: n.toString().padStart(32, '0'),
        text: `note ${n}`,
      }),
    at,
  );
const lines = (page: Page) =>
  page.evaluate(async () =>
    (await window.chat.readMessages({ conversation: 'notes', from: 0, count: 100 })).map(({ text }) => text),
  );
const total = (page: Page) => page.evaluate(() => window.chat.snapshot().conversations[0]?.total);

test('[BRIDGE5] two tabs of a profile show the same', async ({ context }) => {
  const [first, second] = [await openTab(context), await openTab(context)];
  await send(second, 1);
  await send(first, 2);
  await expect.poll(() => total(second)).toBe(2);
  expect(await lines(second)).toEqual(['note 1', 'note 2']);
  expect(await lines(first)).toEqual(['note 1', 'note 2']);
});

test('[BRIDGE6] a tab takes over when the leading one is closed in the middle of its sends', async ({
  context,
}) => {
  const [first, second] = [await openTab(context), await openTab(context)];
  const sends = [1, 2, 3, 4, 5].map((at) => send(second, at));
  await first.close({ runBeforeUnload: false });
  await Promise.all(sends);
  expect((await lines(second)).toSorted()).toEqual(['note 1', 'note 2', 'note 3', 'note 4', 'note 5']);
  const third = await openTab(context);
  await send(third, 6);
  await expect.poll(() => total(second)).toBe(6);
});

test('[BRIDGE7] a tab takes the lead from a frozen one, which follows when it wakes', async ({ context }) => {
  const [first, second] = [await openTab(context), await openTab(context)];
  await send(first, 1);
  await first.evaluate(() => window.worker.postMessage('freeze'));
  const late = send(first, 3);
  await send(second, 2);
  expect(await lines(second)).toEqual(['note 1', 'note 2']);
  await late;
  expect(await lines(first)).toEqual(['note 1', 'note 2', 'note 3']);
  await expect.poll(() => total(second)).toBe(3);
});

test('[BRIDGE12] the worker starts under the policy of the page, without eval, blobs or a relay', async ({
  context,
}) => {
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (/security|policy|refused|eval/i.test(message.text())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(`${served.origin}/?worker=engine`);
  await page.waitForFunction(() => window.chat?.snapshot().session.state === 'signed_out');
  const refused = await page.evaluate(() =>
    window.chat.sendMessage({ conversation: 'x', id: '00'.repeat(16), text: 'x' }).catch(({ code }) => code),
  );
  expect(refused).toBe('not_signed_in');
  expect(complaints).toEqual([]);
});
