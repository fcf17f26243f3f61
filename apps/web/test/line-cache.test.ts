import type { ConversationView, MessageView } from '@sotto/core/page';
import { describe, expect, it } from 'vitest';
import { createLineCache } from '../src/features/thread/line-cache.ts';

function line(index: number, text = `line ${index}`): MessageView {
  const state = 'received';
  return { id: `${index}`, index, kind: 'text', mine: false, sender: 'bob', text, time: index, state };
}

function conversation(total: number, change: Partial<ConversationView> = {}): ConversationView {
  const peer = { account: 'bob', username: 'bob', verified: false, safetyDigits: undefined, closed: false };
  const base = { key: 'bob', kind: 'direct', peer, total, unread: 0, queued: [], last: undefined } as const;
  return { ...base, deliveredUpTo: -1, blocked: false, revision: 0, ...change };
}

/** A store whose answers are given by hand, in any order. */
function slowStore() {
  const asked: { from: number; answer: (lines: MessageView[]) => void; fail: () => void }[] = [];
  const readMessages = ({ from }: { from: number }) =>
    new Promise<MessageView[]>((resolve, reject) => {
      asked.push({ from, answer: resolve, fail: () => reject(new Error('gone')) });
    });
  return { asked, readMessages };
}

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
const page = (from: number, total: number, text?: string) =>
  Array.from({ length: Math.min(64, total - from) }, (_, place) => line(from + place, text));

describe('the lines that the page holds', () => {
  it('[WEB10] are read near the screen only, and not twice', async () => {
    const { asked, readMessages } = slowStore();
    const cache = createLineCache(readMessages, conversation(10_000));
    cache.want(9_940, 10_002);
    cache.want(9_940, 10_002);
    expect(asked.map(({ from }) => from)).toEqual([9_920, 9_984]);
    asked[0]?.answer(page(9_920, 10_000));
    asked[1]?.answer(page(9_984, 10_000));
    await settle();
    expect(cache.line(9_999)?.text).toBe('line 9999');
    expect(cache.line(9_919)).toBeUndefined();
    cache.want(9_940, 10_002);
    expect(asked).toHaveLength(2);
  });

  it('[WEB10] far away ones are forgotten', async () => {
    const { asked, readMessages } = slowStore();
    const cache = createLineCache(readMessages, conversation(10_000));
    for (let from = 0; from < 10_000; from += 64) {
      cache.want(from, from + 1);
      asked.at(-1)?.answer(page(from, 10_000));
      await settle();
    }
    expect(cache.line(0)).toBeUndefined();
    expect(cache.line(9_999)).toBeDefined();
  });

  it('[WEB11] a queued message stays on screen from its place in the outbox to its place in the log', async () => {
    const { asked, readMessages } = slowStore();
    const queued: MessageView = {
      ...line(0),
      id: 'q',
      index: undefined,
      mine: true,
      text: 'mine',
      state: 'queued',
    };
    const before = conversation(2, { queued: [queued] });
    const cache = createLineCache(readMessages, before);
    cache.want(0, 3);
    asked[0]?.answer([line(0), line(1)]);
    await settle();
    const placed: MessageView = { ...queued, index: 2, state: 'sent' };
    cache.follow(conversation(3));
    expect(cache.line(2)).toMatchObject({ id: 'q', text: 'mine', state: 'sent' });
    cache.want(0, 3);
    asked[1]?.answer([line(0), line(1), placed]);
    await settle();
    expect(cache.line(2)).toBe(placed);
  });

  it('[WEB11] the last line of the snapshot is shown before its window is read', () => {
    const { readMessages } = slowStore();
    const cache = createLineCache(readMessages, conversation(1, { last: line(0) }));
    cache.follow(conversation(2, { last: line(1, 'news') }));
    expect(cache.line(1)?.text).toBe('news');
  });

  it('[WEB12] a grown revision reads again and keeps the old lines until then', async () => {
    const { asked, readMessages } = slowStore();
    const cache = createLineCache(readMessages, conversation(2));
    cache.want(0, 2);
    asked[0]?.answer(page(0, 2, 'old'));
    await settle();
    const version = cache.version();
    cache.follow(conversation(2, { revision: 1 }));
    cache.want(0, 2);
    expect(cache.version()).toBeGreaterThan(version);
    expect(cache.line(1)?.text).toBe('old');
    asked[1]?.answer(page(0, 2, 'new'));
    await settle();
    expect(cache.line(1)?.text).toBe('new');
  });

  it('[WEB12] a revision that comes while a window is being read is not lost', async () => {
    const { asked, readMessages } = slowStore();
    const cache = createLineCache(readMessages, conversation(2));
    cache.want(0, 2);
    cache.follow(conversation(2, { revision: 1 }));
    asked[0]?.answer(page(0, 2, 'old'));
    await settle();
    expect(asked).toHaveLength(2);
  });

  it('[WEB10] a window that could not be read is asked for again when it is wanted again', async () => {
    const { asked, readMessages } = slowStore();
    const cache = createLineCache(readMessages, conversation(2));
    cache.want(0, 2);
    asked[0]?.fail();
    await settle();
    expect(asked).toHaveLength(1);
    cache.want(0, 2);
    expect(asked).toHaveLength(2);
  });
});
