// How long a thousand waiting messages take to be opened, stored and shown, in the real page with the real relay. The floor
// is the same page load with nothing waiting: what a thousand entries add to it is the catch-up.
import { randomBytes } from 'node:crypto';
import { type BrowserContext, chromium, type Page } from '@playwright/test';
import { type Chat, createNodeChat } from '@sotto/core';
import { startRelay } from '@sotto/relay/testing';
import { CHROMIUM_FLAGS, ensureChromium } from '../tools/chromium.ts';
import { buildPage } from './build-page.ts';
import { median, report } from './results.ts';

const WAITING = 1000;
const ROUNDS = 3;
const PASSWORD = 'a long password for the bench';

buildPage();
const relay = await startRelay();
const browser = await chromium.launch({ executablePath: ensureChromium(), args: CHROMIUM_FLAGS });
try {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const alice = await createNodeChat({ origin: relay.origin });
  await alice.register({ username: 'alice', password: PASSWORD });
  await registerBob(context);
  const say = await openWithBob(alice);
  await say('first');
  await untilSent(alice);
  await showThread(context, 'first');

  const idle: number[] = [];
  const added: number[] = [];
  const blocked: number[] = [];
  let last = 'first';
  for (let round = 0; round < ROUNDS; round++) {
    const floor = median(
      [await showThread(context, last), await showThread(context, last)].map(({ ms }) => ms),
    );
    last = `the last of round ${round}`;
    for (let i = 1; i < WAITING; i++) await say(`message ${i} of round ${round}, of a usual length`);
    await say(last);
    await untilSent(alice);
    const shown = await showThread(context, last);
    idle.push(floor);
    added.push(shown.ms - floor);
    blocked.push(shown.longestTask);
  }
  report('catch-up', [
    { what: 'page load until its thread shows, nothing waiting', ms: Math.round(median(idle)), goal: '' },
    { what: `added by ${WAITING} waiting entries, all shown`, ms: Math.round(median(added)), goal: '≤ 800' },
    {
      what: 'longest block of the page after it showed its list',
      ms: Math.round(Math.max(...blocked)),
      goal: '≤ 50',
    },
  ]);
  await alice.close();
} finally {
  await browser.close();
  await relay.close();
}

async function registerBob(context: BrowserContext): Promise<void> {
  const page = await context.newPage();
  await page.goto(relay.origin);
  await page.getByRole('textbox', { name: 'Username' }).fill('bob');
  await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByRole('button', { name: 'New conversation' }).waitFor();
  // The device is in the chain and its KeyPackages are there once somebody can write to it.
  await page.waitForTimeout(1000);
  await page.close();
}

async function openWithBob(alice: Chat): Promise<(text: string) => Promise<void>> {
  const [bob] = await alice.findPeople({ name: 'bob' });
  if (bob === undefined) throw new Error('bob is not to be found');
  const conversation = await alice.openDirect({ account: bob.account, username: 'bob' });
  return (text) => alice.sendMessage({ conversation, id: randomBytes(16).toString('hex'), text });
}

function untilSent(alice: Chat): Promise<void> {
  const isSent = () =>
    alice.snapshot().conversations.every(({ queued, total }) => queued.length === 0 && total > 0);
  if (isSent()) return Promise.resolve();
  return new Promise((resolve) => {
    const stop = alice.subscribe(() => {
      if (!isSent()) return;
      stop();
      resolve();
    });
  });
}

/** A fresh page of bob's: milliseconds from navigation until the thread with alice shows `text`. */
async function showThread(
  context: BrowserContext,
  text: string,
): Promise<{ ms: number; longestTask: number }> {
  const page: Page = await context.newPage();
  await page.addInitScript(watchPage, text);
  await page.goto(relay.origin);
  const seen = await page.waitForFunction(() => globalThis.pageBench.shown, undefined, { timeout: 60_000 });
  const ms = await seen.evaluate((at) => at as number);
  const longestTask = await page.evaluate(() => {
    const { listed, tasks } = globalThis.pageBench;
    return Math.max(0, ...tasks.filter(({ start }) => start > listed).map(({ length }) => length));
  });
  await page.close();
  return { ms, longestTask };
}

declare global {
  var pageBench: { shown: number; listed: number; tasks: { start: number; length: number }[] };
}

/** Runs in the page before its own scripts: opens the thread as soon as it is listed, and notes when `text` is painted. */
function watchPage(text: string): void {
  const state: typeof globalThis.pageBench = { shown: 0, listed: 0, tasks: [] };
  globalThis.pageBench = state;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries())
      state.tasks.push({ start: entry.startTime, length: entry.duration });
  }).observe({ type: 'longtask', buffered: true });
  const look = () => {
    const row = document.querySelector<HTMLElement>(
      '[aria-label="Conversations"] a, [aria-label="Conversations"] button',
    );
    if (state.listed === 0 && row !== null) {
      state.listed = performance.now();
      row.click();
    }
    // The newest line stands in the list once all before it are on disk; the open thread stays where reading stopped.
    const list = document.querySelector('[aria-label="Conversations"]');
    const lines = document.querySelectorAll('[role="log"] [data-index]').length;
    if (lines > 0 && list?.textContent?.includes(text) === true) state.shown = performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}
