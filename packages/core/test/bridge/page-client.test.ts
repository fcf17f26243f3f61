import { describe, expect, it } from 'vitest';
import { type ChatSource, serveChat } from '../../src/bridge/host.ts';
import { STARTING } from '../../src/bridge/messages.ts';
import { createPageChat } from '../../src/bridge/page-client.ts';
import { createPersistence } from '../../src/bridge/persistence.ts';
import { runVerb } from '../../src/bridge/run-verb.ts';
import { createMemoryRecordStore } from '../../src/drivers/memory-record-store.ts';
import { createManualClock, settle } from './manual-clock.ts';
import { createNotebookChat } from './notebook-chat.ts';
import { createPortPair } from './profile.ts';

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));

async function setUp() {
  const clock = createManualClock();
  const chat = createNotebookChat(await createMemoryRecordStore({ random }));
  const opened = await chat;
  const source: ChatSource = { ...opened, call: (verb, input) => runVerb(chat, verb, input) };
  const [pageEnd, workerEnd] = createPortPair();
  serveChat(workerEnd, source, clock);
  return { clock, page: createPageChat(pageEnd, async () => true) };
}

const note = (at: number) => ({ conversation: 'notes', id: at.toString().padStart(32, '0'), text: 'hi' });

describe('page and worker', () => {
  it('[BRIDGE3] show the page what a call did before the call is answered', async () => {
    const { page, clock } = await setUp();
    expect(page.snapshot()).toBe(STARTING);
    await clock.advance(20);
    expect(page.snapshot().session).toEqual({ state: 'signed_out' });
    let told = 0;
    const stop = page.subscribe(() => {
      told += 1;
    });
    for (let at = 1; at <= 20; at++) {
      await page.sendMessage(note(at));
      expect(page.snapshot().conversations[0]?.total).toBe(at);
    }
    stop();
    await page.sendMessage(note(21));
    expect(told).toBe(20);
    expect(await page.safetyNumber({ account: '00'.repeat(16) })).toMatchObject({ qr: Uint8Array.of(1, 2) });
  });

  it('[BRIDGE3] show many changes as few snapshots', async () => {
    const { page, clock } = await setUp();
    await clock.advance(20);
    let told = 0;
    page.subscribe(() => {
      told += 1;
    });
    const sends = Promise.all(Array.from({ length: 50 }, (_, at) => page.sendMessage(note(at))));
    await settle();
    await clock.advance(20);
    await sends;
    expect(page.snapshot().conversations[0]?.total).toBe(50);
    expect(told).toBeLessThan(51);
  });

  it('[BRIDGE4] reject with ChatError and nothing else', async () => {
    const { page } = await setUp();
    const credentials = { username: 'alice', password: 'wrong' };
    await expect(page.signIn(credentials)).rejects.toMatchObject({
      name: 'ChatError',
      code: 'wrong_credentials',
      retryAfter: 30,
    });
    await expect(page.setVerified({ account: '00'.repeat(16), verified: true })).rejects.toMatchObject({
      code: 'internal',
    });
    await expect(page.readMessages({ conversation: 'notes', from: -1, count: 1 })).rejects.toMatchObject({
      code: 'internal',
    });
    await expect(page.markRead({ conversation: 'notes', index: 0, more: 1 } as never)).rejects.toMatchObject({
      code: 'internal',
    });
  });

  it('[BRIDGE4] reject what waits, and what comes, once the worker broke', async () => {
    const [pageEnd] = createPortPair();
    const page = createPageChat(pageEnd, async () => true);
    const waiting = page.reconnect({});
    page.fail(new Error('did not load'));
    await expect(waiting).rejects.toMatchObject({ code: 'internal' });
    await expect(page.reconnect({})).rejects.toMatchObject({ code: 'internal' });
  });

  it('[BRIDGE11] ask the page to keep the store, and go on without it', async () => {
    const clock = createManualClock();
    const ask = async (answers: boolean | undefined) => {
      const [pageEnd, workerEnd] = createPortPair();
      const persistence = createPersistence(workerEnd, clock);
      persistence.port.onMessage(() => undefined);
      if (answers !== undefined) createPageChat(pageEnd, async () => answers);
      const promised = persistence.ask();
      await clock.advance(2000);
      return await promised;
    };
    expect([await ask(true), await ask(false), await ask(undefined)]).toEqual([true, false, false]);
  });
});
