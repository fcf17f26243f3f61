import { distanceFromEnd, expect, hear, openConversation, test } from './story-test.ts';

test.use({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });

test('[WEB13] a thread opens at its end', async ({ page, open }) => {
  await open('long');
  await openConversation(page, 'bob');
  await expect(page.getByText(/^10000\. /).last()).toBeVisible();
  expect(await distanceFromEnd(page)).toBeLessThanOrEqual(1);
});

test('[WEB10] a thread of 10,000 lines stands in the document as a few', async ({ page, open }) => {
  await open('long');
  await openConversation(page, 'bob');
  await expect(page.getByText(/^10000\. /).last()).toBeVisible();
  expect(await page.locator('.log-line').count()).toBeLessThan(60);
});

test('[WEB14] at its end a thread stays there: for what comes, for what is sent, for a taller composer', async ({
  page,
  open,
}) => {
  await open('long');
  await openConversation(page, 'bob');
  const log = page.getByRole('log', { name: 'Messages' });
  await expect(log.getByText(/^10000\. /)).toBeInViewport();
  await expect.poll(() => distanceFromEnd(page)).toBeLessThanOrEqual(1);
  await hear(page, 'Are you there?');
  await expect(log.getByText('Are you there?')).toBeInViewport();
  const box = page.getByRole('textbox', { name: 'Message' });
  await box.fill('one\ntwo\nthree\nfour');
  await expect.poll(() => distanceFromEnd(page)).toBeLessThanOrEqual(1);
  await box.press('Enter');
  await expect(log.getByText('one two three four')).toBeInViewport();
  await expect(log.getByText('Delivered').last()).toBeAttached();
  await expect.poll(() => distanceFromEnd(page)).toBeLessThanOrEqual(1);
});

test('[WEB14] scrolled away, what arrives moves nothing and is counted', async ({ page, open }) => {
  await open('long');
  await openConversation(page, 'bob');
  const log = page.getByRole('log', { name: 'Messages' });
  await log.hover();
  await page.mouse.wheel(0, -3000);
  await expect(page.getByRole('button', { name: 'Newest' })).toBeVisible();
  const line = log.getByText(/^99\d\d\. /).first();
  const before = await line.boundingBox();
  await hear(page, 'Are you there?');
  await expect(page.getByRole('button', { name: '1 new message' })).toBeVisible();
  expect(await line.boundingBox()).toEqual(before);
  await page.getByRole('button', { name: '1 new message' }).click();
  await expect(log.getByText('Are you there?')).toBeInViewport();
  await expect(page.getByRole('button', { name: /new message/ })).toBeHidden();
});

test('[WEB14] a hand that scrolls away is never pulled back, at whatever speed', async ({ page, open }) => {
  await open('long');
  await openConversation(page, 'bob');
  const log = page.getByRole('log', { name: 'Messages' });
  // A scroll bar is held while it is moved.
  await log.dispatchEvent('pointerdown');
  for (const share of [0.99, 0.5, 0.1]) {
    await log.evaluate((element, to) => {
      element.scrollTop = element.scrollHeight * to;
    }, share);
    await expect(page.getByRole('button', { name: 'Newest' })).toBeVisible();
  }
  expect(await distanceFromEnd(page)).toBeGreaterThan(100_000);
});

test('[WEB14] a log that moves without a hand on it does not leave its end', async ({ page, open }) => {
  await page.clock.install();
  await open('long');
  await openConversation(page, 'bob');
  const log = page.getByRole('log', { name: 'Messages' });
  await expect.poll(() => distanceFromEnd(page)).toBeLessThanOrEqual(1);
  // Longer ago than any press or key of a person who opened this thread counts.
  await page.clock.fastForward(2000);
  await log.evaluate((element) => {
    element.scrollTop -= 400;
  });
  await hear(page, 'Are you there?');
  await expect(log.getByText('Are you there?')).toBeInViewport();
  await expect(page.getByRole('button', { name: 'Newest' })).toBeHidden();
});

test('[WEB13] a thread that was left in the middle opens there again', async ({ page, open }) => {
  await open('story');
  await openConversation(page, 'bob');
  const log = page.getByRole('log', { name: 'Messages' });
  await log.hover();
  await page.mouse.wheel(0, -5000);
  await expect(log.getByText('Is this the new place?')).toBeInViewport();
  await openConversation(page, 'carol');
  await expect(page.getByText('If it does not rain')).toBeInViewport();
  await openConversation(page, 'bob');
  await expect(log.getByText('Is this the new place?')).toBeInViewport();
});

test('[WEB5] [WEB15] a draft outlives a change of thread; Shift and Enter begin a line, Enter sends', async ({
  page,
  open,
}) => {
  await open('story');
  await openConversation(page, 'bob');
  const box = page.getByRole('textbox', { name: 'Message' });
  await box.pressSequentially('first');
  await box.press('Shift+Enter');
  await box.pressSequentially('second');
  await openConversation(page, 'carol');
  await expect(box).toHaveValue('');
  await openConversation(page, 'bob');
  await expect(box).toHaveValue('first\nsecond');
  await box.press('Enter');
  await expect(box).toHaveValue('');
  await expect(page.getByRole('log').getByText('first second')).toBeVisible();
});

test('[WEB15] two messages sent at once both go; one that cannot be queued comes back', async ({
  page,
  open,
}) => {
  await open('story');
  await openConversation(page, 'bob');
  const box = page.getByRole('textbox', { name: 'Message' });
  const log = page.getByRole('log', { name: 'Messages' });
  for (const text of ['one', 'two', 'full']) {
    await box.fill(text);
    await box.press('Enter');
  }
  await expect(log.getByText('one', { exact: true })).toBeVisible();
  await expect(log.getByText('two', { exact: true })).toBeVisible();
  await expect(box).toHaveValue('full');
  await expect(page.getByRole('alert').getByText('This device has no room left.')).toBeVisible();
});

test('[WEB18] markup in a message shows as it was typed', async ({ page, open }) => {
  await open('story');
  await openConversation(page, 'bob');
  const markup = '<img src=x onerror="document.title=1"> **no** https://example.org';
  await page.getByRole('textbox', { name: 'Message' }).fill(markup);
  await page.getByRole('button', { name: 'Send' }).click();
  await expect(page.getByRole('log').getByText(markup)).toBeVisible();
  await expect(page.getByRole('log').locator('img, a')).toHaveCount(0);
});

test('[WEB4] an alarm stands where one would write, until it is decided', async ({ page, open }) => {
  await open('tampered');
  await openConversation(page, 'bob');
  await expect(page.getByRole('alert', { name: 'You two do not see the same conversation' })).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'Message' })).toBeHidden();
  await page.getByRole('button', { name: 'Start over' }).click();
  await expect(page.getByRole('textbox', { name: 'Message' })).toBeEditable();
});

test("[WEB17] the relay's view shows every byte when asked", async ({ page, open }) => {
  await open('story');
  await openConversation(page, 'bob');
  await page.getByRole('button', { name: "Relay's view", exact: true }).click();
  const entry = page.getByRole('article', { name: 'Entry 20' });
  await expect(entry.getByText('See you there')).toBeVisible();
  await entry.getByRole('button', { name: 'Show all 512 bytes' }).click();
  await expect(entry.locator('.dump-row')).toHaveCount(64);
});
