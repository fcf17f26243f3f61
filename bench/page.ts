// How soon the page can be used and how smoothly it scrolls: sign-in on an empty browser, bytes, a thread of 10,000 lines.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Browser, chromium, type Page } from '@playwright/test';
import { startRelay } from '@sotto/relay/testing';
import { buildStories } from '../apps/web/dev/build-stories.ts';
import { serveFolder } from '../apps/web/dev/serve.ts';
import { CHROMIUM_FLAGS, ensureChromium } from '../tools/chromium.ts';
import { describeMachine } from './machine.ts';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'apps/web/dist');
const STARTS = 7;
const OPENINGS = 7;
const FRAMES = 240;

interface Row {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly aim: string;
}

const { status } = spawnSync('npm', ['run', 'build', '-w', '@sotto/web', '--silent'], {
  cwd: root,
  stdio: 'inherit',
});
if (status !== 0) throw new Error('the page does not build');
const browser = await chromium.launch({ executablePath: ensureChromium(), args: CHROMIUM_FLAGS });
const rows = [...measureBytes(), ...(await measureStart(browser)), ...(await measureThread(browser))];
await browser.close();
console.table(rows);
const results = join(import.meta.dirname, 'results');
mkdirSync(results, { recursive: true });
const result = { name: 'page', at: new Date().toISOString(), machine: describeMachine(), rows };
writeFileSync(join(results, 'page.json'), `${JSON.stringify(result, undefined, 2)}\n`);

function measureBytes(): Row[] {
  const html = readFileSync(join(dist, 'index.html'), 'utf8');
  const named = (pattern: RegExp) => [...html.matchAll(pattern)].map((match) => match[1] ?? '');
  const worker = readdirSync(join(dist, 'assets')).filter((name) => /^worker-.*\.js$/.test(name));
  const size = (files: string[]) =>
    round(files.reduce((sum, file) => sum + gzipSync(readFileSync(join(dist, file))).length, 0) / 1000);
  return [
    { what: 'first JavaScript', value: size(named(/src="\/([^"]+\.js)"/g)), unit: 'kB gzip', aim: '≤ 180' },
    { what: 'style', value: size(named(/href="\/([^"]+\.css)"/g)), unit: 'kB gzip', aim: '' },
    { what: 'worker', value: size(worker.map((name) => `assets/${name}`)), unit: 'kB gzip', aim: '≤ 320' },
  ];
}

/** From the navigation of an empty profile, served by the real relay, until something was typed into the sign-in card. */
async function measureStart(browser: Browser): Promise<Row[]> {
  const relay = await startRelay();
  const usable: number[] = [];
  const ready: number[] = [];
  for (let start = 0; start < STARTS; start += 1) {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.addInitScript(watchSignIn);
    await page.goto(relay.origin);
    const times = await page.waitForFunction(() => (globalThis as { signIn?: unknown }).signIn);
    usable.push(await times.evaluate((at) => at as number));
    const worker = page.workers()[0] ?? (await page.waitForEvent('worker'));
    ready.push(
      await worker
        .evaluate(() => performance.timeOrigin + performance.now())
        .then((at) => sinceStart(page, at)),
    );
    await context.close();
  }
  await relay.close();
  return [
    {
      what: 'sign-in usable, median of 7 cold starts',
      value: round(median(usable)),
      unit: 'ms',
      aim: '≤ 1000',
    },
    { what: 'sign-in usable, slowest of 7', value: round(Math.max(...usable)), unit: 'ms', aim: '' },
    { what: 'worker answers, median', value: round(median(ready)), unit: 'ms', aim: '' },
  ];
}

function sinceStart(page: Page, at: number): Promise<number> {
  return page.evaluate((time) => time - performance.timeOrigin, at);
}

/** Runs in the page before its own scripts: notes when the name can be typed and that frame was painted. */
function watchSignIn(): void {
  const observer = new MutationObserver(() => {
    const input = document.querySelector('input[autocomplete="username"]');
    if (!(input instanceof HTMLInputElement) || input.disabled) return;
    observer.disconnect();
    requestAnimationFrame(() => {
      setTimeout(() => Object.assign(globalThis, { signIn: performance.now() }));
    });
  });
  observer.observe(document, { childList: true, subtree: true });
}

/** The page's own part: lines come from memory, two milliseconds a window, as from a worker that has them at hand. */
async function measureThread(browser: Browser): Promise<Row[]> {
  const site = await serveFolder(await buildStories());
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const openings: number[] = [];
  let page = await context.newPage();
  for (let opening = 0; opening < OPENINGS; opening += 1) {
    await page.close();
    page = await context.newPage();
    await page.goto(`${site.origin}/?story=long`);
    await page.getByRole('list', { name: 'Conversations' }).waitFor();
    openings.push(await page.evaluate(openThread));
  }
  const readBusy = await watchBusy(page);
  const busyBefore = await readBusy();
  const frames = await page.evaluate(scrollThread, FRAMES);
  const busy = (await readBusy()) - busyBefore;
  await site.close();
  const late = frames.filter((time) => time > 25).length;
  return [
    { what: '10,000 lines: open, median of 7', value: round(median(openings)), unit: 'ms', aim: '≤ 200' },
    { what: '10,000 lines: open, slowest of 7', value: round(Math.max(...openings)), unit: 'ms', aim: '' },
    { what: 'scroll 200 px a frame', value: round(1000 / mean(frames)), unit: 'frames/s', aim: '60' },
    { what: 'page thread busy per frame', value: round(busy / frames.length), unit: 'ms', aim: '≤ 16.7' },
    { what: 'frames later than 25 ms', value: round((100 * late) / frames.length), unit: '%', aim: '' },
  ];
}

/** Answers how many milliseconds the page's thread has worked; steadier than frames a second on a busy machine. */
async function watchBusy(page: Page): Promise<() => Promise<number>> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  return async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return 1000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN);
  };
}

/** In the page: milliseconds from the press to the painted frame that holds the last line. */
function openThread(): Promise<number> {
  return new Promise((resolve) => {
    const start = performance.now();
    const observer = new MutationObserver(() => {
      const log = document.querySelector('[role="log"]');
      if (!log?.textContent?.includes('10000. ')) return;
      if (log.querySelector('.line-waiting') !== null) return;
      observer.disconnect();
      requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - start)));
    });
    observer.observe(document.body, { childList: true, subtree: true, characterData: true });
    document.querySelector<HTMLElement>('.conversations button')?.click();
  });
}

/** In the page: the time of each frame while the thread is scrolled up. */
function scrollThread(count: number): Promise<number[]> {
  return new Promise((resolve) => {
    const log = document.querySelector('[role="log"]');
    const frames: number[] = [];
    let last = performance.now();
    const step = (now: number) => {
      frames.push(now - last);
      last = now;
      if (log !== null) log.scrollTop -= 200;
      if (frames.length < count) requestAnimationFrame(step);
      else resolve(frames.slice(1));
    };
    requestAnimationFrame(step);
  });
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
