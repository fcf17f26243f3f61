import { decodeHex } from '@sotto/protocol';
import { TEXT_LIMIT, textSize } from '../content/content.ts';
import { readRelayRows } from '../conversation/relay-rows.ts';
import type { Thread } from '../conversation/thread.ts';
import type { RelayLink } from '../link/relay-link.ts';
import { ChatError, type Verbs } from './chat.ts';
import type { Runtime } from './runtime.ts';

/** Threads: what is written, read and looked at in them. */
export function conversationVerbs(link: RelayLink, runtime: Runtime) {
  const { engine } = runtime;
  const threadOf = (key: string): Thread => {
    const thread = engine().conversations.find(key);
    if (thread === undefined) throw new ChatError('not_found');
    return thread;
  };
  return {
    async sendMessage({ conversation, id, text }) {
      const thread = threadOf(conversation);
      const entry = decodeHex(id);
      if (entry?.length !== 16) throw new ChatError('internal');
      if (text.trim() === '') throw new ChatError('message_empty');
      const whole = text.toWellFormed();
      if (textSize(whole) > TEXT_LIMIT) throw new ChatError('message_too_long');
      if (engine().alarms.isBlocked(conversation)) throw new ChatError('blocked');
      await engine().contacts.requireOpen(thread.peer);
      await thread.send(entry, whole);
    },
    async readMessages({ conversation, from, count }) {
      return await threadOf(conversation).read(from, count);
    },
    async markRead({ conversation, index }) {
      await threadOf(conversation).markRead(index);
    },
    async relayView({ conversation, before, count }) {
      return await readRelayRows(link, threadOf(conversation), { before, count });
    },
  } satisfies Partial<Verbs>;
}
