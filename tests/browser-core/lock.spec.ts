import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import { startRelay } from '@sotto/relay/testing';
import type {} from '../../packages/core/test/browser/tabs-page.ts';
import { writePage } from './serve.ts';

const PASSWORD = 'correct horse battery';
const PASSPHRASE = 'seven green herons';

let folder: string;
let relay: Awaited<ReturnType<typeof startRelay>>;
test.beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sotto-lock-'));
  await writePage(folder);
  relay = await startRelay({ pageFolder: folder });
});
test.afterAll(async () => {
  await relay.close();
  await rm(folder, { recursive: true });
});

const state = (page: Page) => page.evaluate(() => window.chat?.snapshot().session.state);
const stands = (page: Page, wanted: string) => expect.poll(() => state(page)).toBe(wanted);

async function openTab(context: BrowserContext, wanted: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(relay.origin);
  await stands(page, wanted);
  return page;
}

async function register(page: Page, username: string): Promise<void> {
  await page.evaluate(([name, password]) => window.chat.register({ username: name, password }), [
    username,
    PASSWORD,
  ] as const);
  await stands(page, 'signed_in');
}

const setLock = (page: Page) =>
  page.evaluate((passphrase) => window.chat.setLock({ passphrase, minutes: 5 }), PASSPHRASE);

/** Undefined when it opened, else the code. */
const unlock = (page: Page, passphrase = PASSPHRASE) =>
  page.evaluate(
    (text) =>
      window.chat
        .unlock({ way: 'passphrase', passphrase: text })
        .then(() => undefined)
        .catch(({ code }) => code),
    passphrase,
  );

/** What lies in the browser's database, seen as any script of the origin sees it. */
function readDisk(page: Page): Promise<{ readonly root: string; readonly records: number }> {
  return page.evaluate(async () => {
    const done = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const database = await done(indexedDB.open('sotto'));
    const transaction = database.transaction(['records', 'meta']);
    const root = done(transaction.objectStore('meta').get('rootKey'));
    const records = done(transaction.objectStore('records').count());
    const found = { root: (await root)?.constructor.name ?? 'nothing', records: await records };
    database.close();
    return found;
  });
}

test('[VAULT45] in Chromium: a reload finds it locked, no key lies on the disk, and the passphrase opens it', async ({
  context,
}) => {
  const page = await openTab(context, 'signed_out');
  await register(page, 'alice');
  expect((await readDisk(page)).root).toBe('CryptoKey');
  await setLock(page);
  expect((await readDisk(page)).root).toBe('Uint8Array');
  await page.reload();
  await stands(page, 'locked');
  expect(await unlock(page, 'six green herons')).toBe('lock_wrong');
  expect(await unlock(page)).toBeUndefined();
  await expect
    .poll(() => page.evaluate(() => window.chat.snapshot().connection), { timeout: 15_000 })
    .toBe('online');
  expect(await page.evaluate(() => window.chat.snapshot().session)).toMatchObject({
    state: 'signed_in',
    username: 'alice',
    lockMinutes: 5,
  });
  await page.evaluate(() => window.chat.removeLock({}));
  expect((await readDisk(page)).root).toBe('CryptoKey');
  await page.reload();
  await stands(page, 'signed_in');
});

test('[VAULT45] a passkey’s output opens it, too', async ({ context }) => {
  const page = await openTab(context, 'signed_out');
  await register(page, 'bob');
  await setLock(page);
  await page.evaluate(() =>
    window.chat.setLockPasskey({ credential: 'Zm9v', prf: new Uint8Array(32).fill(1) }),
  );
  await page.reload();
  await stands(page, 'locked');
  const open = (fill: number) =>
    page.evaluate(
      (value) =>
        window.chat
          .unlock({ way: 'passkey', credential: 'Zm9v', prf: new Uint8Array(32).fill(value) })
          .then(() => undefined)
          .catch(({ code }) => code),
      fill,
    );
  expect(await page.evaluate(() => window.chat.snapshot().session)).toEqual({
    state: 'locked',
    passkeys: ['Zm9v'],
  });
  expect(await open(2)).toBe('lock_wrong');
  expect(await open(1)).toBeUndefined();
  await stands(page, 'signed_in');
});

test('[VAULT47] two tabs are locked and opened together, and a tab that takes over finds it locked', async ({
  context,
}) => {
  const first = await openTab(context, 'signed_out');
  await register(first, 'carol');
  await setLock(first);
  const second = await openTab(context, 'signed_in');
  await second.evaluate(() => window.chat.lock({}));
  await stands(first, 'locked');
  await stands(second, 'locked');
  expect(await unlock(second)).toBeUndefined();
  await stands(first, 'signed_in');
  // The keys were in the memory of the tab that goes.
  await second.close();
  await stands(first, 'locked');
  expect(await unlock(first)).toBeUndefined();
});

test('[VAULT41] a tab that is closed while the lock is turned on leaves a store that opens, locked or not', async ({
  context,
}) => {
  const page = await openTab(context, 'signed_out');
  await register(page, 'dave');
  for (const root of ['CryptoKey', 'Uint8Array', 'CryptoKey', 'Uint8Array']) {
    const tab = await openTab(context, 'signed_in');
    const asked = setLock(tab).catch(() => undefined);
    // At once, or as soon as the disk shows the slots, whatever the tab knows of it.
    await expect.poll(async () => (await readDisk(page)).root, { intervals: [5] }).toBe(root);
    await tab.close({ runBeforeUnload: false });
    await asked;
    const next = await context.newPage();
    await next.goto(relay.origin);
    await expect.poll(() => state(next)).toMatch(/locked|signed_in/);
    if ((await state(next)) === 'locked') expect(await unlock(next)).toBeUndefined();
    await stands(next, 'signed_in');
    await next.evaluate(() => window.chat.removeLock({}));
    await next.close();
    await stands(page, 'signed_in');
  }
});

test('[ACC46] in Chromium: of an account on a shared computer nothing lies in the browser', async ({
  browser,
}) => {
  const home = await browser.newContext();
  await register(await openTab(home, 'signed_out'), 'erin');
  const library = await browser.newContext();
  const page = await openTab(library, 'signed_out');
  await page.evaluate(
    (password) => window.chat.signIn({ username: 'erin', password, shared: true }),
    PASSWORD,
  );
  expect(await page.evaluate(() => window.chat.snapshot().session)).toMatchObject({ shared: true });
  await expect.poll(() => page.evaluate(() => window.chat.snapshot().connection)).toBe('online');
  expect((await readDisk(page)).records).toBe(0);
  expect(await page.evaluate(() => [localStorage.length, sessionStorage.length])).toEqual([0, 0]);
  await page.close();
  const next = await openTab(library, 'signed_out');
  expect((await readDisk(next)).records).toBe(0);
  await home.close();
  await library.close();
});

test('[VAULT40] a tab of the build before, still open, keeps nobody from the new one', async ({
  context,
}) => {
  const old = await context.newPage();
  await old.goto(`${relay.origin}/openapi.json`);
  // As far as other tabs see it: the engine's lock, a leader's heartbeat, and the store in its first layout.
  await old.evaluate(async () => {
    const opening = indexedDB.open('sotto', 1);
    opening.onupgradeneeded = () => {
      for (const name of ['records', 'meta']) opening.result.createObjectStore(name);
    };
    await new Promise((resolve) => {
      opening.onsuccess = resolve;
    });
    opening.result.onversionchange = () => opening.result.close();
    void navigator.locks.request('sotto', () => new Promise(() => undefined));
    const tabs = new BroadcastChannel('sotto');
    setInterval(() => tabs.postMessage({ kind: 'alive', term: '00'.repeat(8), announce: false }), 500);
  });
  const page = await openTab(context, 'signed_out');
  await register(page, 'frank');
  await page.reload();
  await stands(page, 'signed_in');
});
