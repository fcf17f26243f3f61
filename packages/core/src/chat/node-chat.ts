import { createCookieJar } from '../drivers/cookie-jar.ts';
import { createFetchHttp } from '../drivers/fetch-http.ts';
import { createMemoryDisk } from '../drivers/memory-record-store.ts';
import { createSocketLink } from '../drivers/socket-link.ts';
import type { Chat } from './chat.ts';
import type { Random } from './clock.ts';
import { createChat } from './create-chat.ts';

/**
 * A composition root for Node: bots, scripts, tests. Everything is kept in memory, so a process is a device: sign out
 * before it ends, or its device stands in the chain for nothing.
 * @param options.origin scheme://host[:port] of the relay.
 */
export async function createNodeChat(options: { readonly origin: string }): Promise<Chat> {
  const random: Random = (length) => crypto.getRandomValues(new Uint8Array(length));
  const disk = createMemoryDisk({ random });
  const { origin } = options;
  return await createChat({
    openRecords: () => disk.open(),
    openTemporaryRecords: () => createMemoryDisk({ random }).open(),
    http: createFetchHttp({ origin, cookies: createCookieJar() }),
    link: createSocketLink({ origin }),
    clock: {
      now: Date.now,
      after(ms, callback) {
        const timer = setTimeout(callback, ms);
        return () => clearTimeout(timer);
      },
    },
    random,
    persistStorage: async () => false,
  });
}
