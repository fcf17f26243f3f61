import { STARTING } from '../../src/bridge/messages.ts';
import { VERBS } from '../../src/bridge/verbs.ts';
import {
  type Chat,
  ChatError,
  type ChatSnapshot,
  type MessageView,
  type Verbs,
} from '../../src/chat/chat.ts';
import { collection } from '../../src/store/collections.ts';
import type { RecordStore } from '../../src/store/record-store.ts';
import { createSealedStore } from '../../src/store/sealed-store.ts';

const notes = collection<readonly [id: string], { text: string; index: number }>('notes');
const names = collection<readonly [], string>('names');

/**
 * A chat with nobody: it keeps notes in a real sealed store and says what the bridge must carry. It stands at the Chat
 * port, where the engine stands otherwise.
 */
export async function createNotebookChat(records: RecordStore): Promise<Chat> {
  const store = await createSealedStore(records, (length) => crypto.getRandomValues(new Uint8Array(length)));
  const listeners = new Set<() => void>();
  const kept = await store.range(notes.range([]));
  let total = kept.length;
  let snapshot: ChatSnapshot = STARTING;
  const peer = {
    account: '00'.repeat(16),
    username: 'bob',
    verified: false,
    safetyDigits: undefined,
    closed: false,
  };
  const show = (name: string | undefined) => {
    snapshot = {
      ...snapshot,
      session:
        name === undefined
          ? { state: 'signed_out' }
          : {
              state: 'signed_in',
              account: 'aa',
              username: name,
              device: 'd',
              ready: true,
              shared: false,
              lockMinutes: undefined,
            },
      conversations: [
        {
          key: 'notes',
          kind: 'direct',
          peer,
          total,
          unread: 0,
          queued: [],
          last: undefined,
          deliveredUpTo: -1,
          blocked: false,
          revision: 0,
        },
      ],
    };
    for (const listener of listeners) listener();
  };
  show(await store.get(names.key()));
  const enter = async ({ username, password }: { username: string; password: string }) => {
    if (password === 'wrong') throw new ChatError('wrong_credentials', { retryAfter: 30 });
    await store.step([names.put([], username)]);
    show(username);
  };
  const nothing = async () => undefined;
  // What a notebook has no use for does nothing.
  const rest = Object.fromEntries(Object.keys(VERBS).map((name) => [name, nothing])) as unknown as Verbs;
  return {
    ...rest,
    register: enter,
    async signIn(credentials) {
      await enter(credentials);
      return { state: 'signed_in' };
    },
    findPeople: async () => [peer],
    openDirect: async () => 'notes',
    async sendMessage({ id, text }) {
      if ((await store.get(notes.key(id))) !== undefined) return;
      await store.step([notes.put([id], { text, index: total })]);
      total += 1;
      show(await store.get(names.key()));
    },
    async readMessages({ from, count }) {
      const all = await store.range(notes.range([]));
      const lines = all.map(({ key, value }): MessageView => {
        const { text, index } = value;
        return {
          id: String(key[1]),
          index,
          kind: 'text',
          mine: true,
          sender: 'aa',
          text,
          time: 1,
          state: 'queued',
        };
      });
      return lines.sort((a, b) => (a.index ?? 0) - (b.index ?? 0)).slice(from, from + count);
    },
    safetyNumber: async ({ account }) => ({ account, digits: '1', qr: Uint8Array.of(1, 2), verified: false }),
    setVerified: async () => {
      throw new Error('a fault of ours');
    },
    relayView: async () => [],
    snapshot: () => snapshot,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: () => store.close(),
  };
}
