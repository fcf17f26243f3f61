// How fast one device is in Chromium: X-Wing suite, sealed IndexedDB, strict durability; the real engine, its relay taken
// out of the measurement. Floor of the same run: strict IndexedDB transactions of one small record.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { createNodeChat } from '@sotto/core';
import { startRelay } from '@sotto/relay/testing';
import { CHROMIUM_FLAGS, ensureChromium } from '../tools/chromium.ts';
import { bundle } from './bundle.ts';
import { measureStrictWrites } from './core/floor.ts';
import { median, report } from './results.ts';

const ROUNDS = 9;
const SINGLY = 40;
const BATCH = 50;
const PASSWORD = 'a long password for the bench';

const relay = await startRelay();
const browser = await chromium.launch({ executablePath: ensureChromium(), args: CHROMIUM_FLAGS });
try {
  const script = await bundle(join(import.meta.dirname, 'core/page.ts'));
  // A page of the relay's own origin that holds nothing, and the engine in it.
  const page = await (await browser.newContext({ bypassCSP: true })).newPage();
  await page.goto(`${relay.origin}/healthz`);
  await page.addScriptTag({ type: 'module', content: script });
  await page.waitForFunction(() => window.coreBench !== undefined);
  await page.evaluate((password) => window.coreBench.start('bob', password), PASSWORD);

  const alice = await createNodeChat({ origin: relay.origin });
  await alice.register({ username: 'alice', password: PASSWORD });
  const [bob] = await alice.findPeople({ name: 'bob' });
  if (bob === undefined) throw new Error('bob is not to be found');
  const conversation = await alice.openDirect({ account: bob.account, username: 'bob' });
  const say = (text: string) =>
    alice.sendMessage({ conversation, id: randomBytes(16).toString('hex'), text });
  await say('first');
  await page.evaluate(() => window.coreBench.heard(1));
  const floor = await page.evaluate(measureStrictWrites, 300);
  const singly: number[] = [];
  const batched: number[] = [];
  // Less than a hundred messages a round: then the sender commits an update, which is not what is measured here.
  for (let round = 0; round < ROUNDS; round++) {
    await page.evaluate(() => window.coreBench.hold());
    for (let i = 0; i < SINGLY + BATCH; i++) await say(`message number ${i}, of a usual length`);
    const held = await page.evaluate(() => window.coreBench.settledHold());
    if (held >= SINGLY + BATCH) {
      singly.push(await page.evaluate((count) => window.coreBench.opens(count, 1), SINGLY));
      batched.push(await page.evaluate((count) => window.coreBench.opens(count, count), BATCH));
    }
    await page.evaluate((total) => window.coreBench.pass(total), 1 + (round + 1) * (SINGLY + BATCH));
  }
  // What the other side still sends of itself would get between the entries that are numbered here.
  await alice.close();
  await page.evaluate(() => window.coreBench.settled());
  const sealed: number[] = [];
  const sent: number[] = [];
  for (let round = 0; round < 3; round++) {
    sealed.push(await page.evaluate(() => window.coreBench.sends(100, 'sealed')));
    sent.push(await page.evaluate(() => window.coreBench.sends(100, 'sent')));
  }
  const row = (what: string, rates: number[], goal: number) => ({
    what,
    perSecond: Math.round(median(rates)),
    ofFloor: Number((median(rates) / floor).toFixed(2)),
    goal,
  });
  report('core', [
    { what: 'floor: strict IndexedDB transactions', perSecond: Math.round(floor), ofFloor: 1, goal: 0 },
    row('open, one a transaction', singly, 450),
    row('open, 50 a transaction', batched, 2500),
    row('send, one at a time, until sealed and handed over', sealed, 500),
    row('send, one at a time, until acknowledged and shown', sent, 0),
  ]);
} finally {
  await browser.close();
  await relay.close();
}
