// Runs in Chromium: one device over sealed IndexedDB with strict durability, the relay taken out once things are set up.
import {
  type Chat,
  createChat,
  createFetchHttp,
  createMemoryDisk,
  createSocketLink,
  createSystemClock,
  openIndexedDbRecordStore,
} from '@sotto/core/testing';
import { createReplayLink } from './replay-link.ts';

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
const { origin } = location;
const link = createReplayLink(createSocketLink({ origin }));
let chat: Chat;

async function until(holds: () => boolean): Promise<void> {
  if (holds()) return;
  await new Promise<void>((resolve) => {
    const stop = chat.subscribe(() => {
      if (!holds()) return;
      stop();
      resolve();
    });
  });
}

const conversation = () => chat.snapshot().conversations[0];
const total = () => conversation()?.total ?? 0;
const hex = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

const bench = {
  async start(username: string, password: string): Promise<void> {
    chat = await createChat({
      openRecords: () => openIndexedDbRecordStore({ name: 'sotto-bench', random }),
      openTemporaryRecords: () => createMemoryDisk({ random }).open(),
      http: createFetchHttp({ origin }),
      link,
      clock: createSystemClock(),
      random,
      persistStorage: async () => false,
    });
    await chat.register({ username, password });
  },
  heard: (count: number) => until(() => total() >= count),
  total,
  /** From here on live entries are kept back. */
  hold() {
    link.held.length = 0;
    opened = 0;
    link.mode = 'hold';
  },
  /** How many entries are kept back, once no more have come for a while: a commit of the sender ends what is delivered. */
  async settledHold(): Promise<number> {
    let seen = -1;
    while (seen !== link.held.length) {
      seen = link.held.length;
      await new Promise((resolve) => setTimeout(resolve, 1500));
    }
    return seen;
  },
  /** Resolves when nothing has come for longer than the jitter of an update. */
  async settled(): Promise<void> {
    let seen = -1;
    while (seen !== link.lastSeq) {
      seen = link.lastSeq;
      await new Promise((resolve) => setTimeout(resolve, 4000));
    }
  },
  /** Back to the real relay, until the thread has `lines` lines. */
  async pass(lines: number): Promise<void> {
    link.mode = 'pass';
    link.drop();
    await chat.reconnect({});
    await until(() => total() >= lines);
  },
  /** Entries a second, handed over `size` at a time, each batch on disk and shown before the next. */
  async opens(count: number, size: number): Promise<number> {
    link.mode = 'replay';
    const entries = link.held.slice(opened, opened + count);
    opened += count;
    const start = performance.now();
    for (let at = 0; at < entries.length; at += size) {
      const batch = entries.slice(at, at + size);
      const goal = total() + batch.filter((entry) => entry.kind === 'message').length;
      link.hand(batch);
      await until(() => total() >= goal);
    }
    return (1000 * entries.length) / (performance.now() - start);
  },
  /** Messages a second, each sealed, on disk and handed to the link before the next (`sealed`), or shown as sent (`sent`). */
  async sends(count: number, goal: 'sealed' | 'sent'): Promise<number> {
    link.nextSeq ||= link.lastSeq + 1;
    link.mode = 'answer';
    const key = conversation()?.key ?? '';
    const start = performance.now();
    for (let i = 0; i < count; i++) {
      const handed = new Promise<void>((resolve) => {
        link.onAppend = () => resolve();
      });
      await chat.sendMessage({
        conversation: key,
        id: hex(random(16)),
        text: `message number ${i}, of a usual length`,
      });
      await handed;
      if (goal === 'sent') await until(() => conversation()?.queued.length === 0);
    }
    return (1000 * count) / (performance.now() - start);
  },
};
let opened = 0;
declare global {
  interface Window {
    coreBench: typeof bench;
  }
}
window.coreBench = bench;
