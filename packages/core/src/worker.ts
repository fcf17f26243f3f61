import './no-eval.ts';
import { serveChat } from './bridge/host.ts';
import type { PageToWorker } from './bridge/messages.ts';
import { createPersistence } from './bridge/persistence.ts';
import { createTab } from './bridge/tab.ts';
import type { Random } from './chat/clock.ts';
import { createChat } from './chat/create-chat.ts';
import { createBroadcastTabChannel } from './drivers/broadcast-channel.ts';
import { createFetchHttp } from './drivers/fetch-http.ts';
import { openIndexedDbRecordStore } from './drivers/indexeddb-record-store.ts';
import { createMemoryDisk } from './drivers/memory-record-store.ts';
import { createSocketLink } from './drivers/socket-link.ts';
import { createSystemClock } from './drivers/system-clock.ts';
import { createWebLock } from './drivers/web-locks.ts';

/** The composition root of the browser: one worker for each tab, one engine for all of them. */
const NAME = 'sotto';
/**
 * Where tabs of the same build meet. Another number whenever what they tell each other changes: a tab would wait for ever for a leader
 * of another build, whose heartbeat it hears and whose words it does not understand. It opens the store itself, and the other lets go.
 */
const MEETING = `${NAME} 2`;

const clock = createSystemClock();
const random: Random = (length) => crypto.getRandomValues(new Uint8Array(length));
const { origin } = location;

const { port, ask } = createPersistence(
  {
    post: (message) => self.postMessage(message),
    onMessage(handler) {
      self.addEventListener('message', ({ data }) => handler(data as PageToWorker));
    },
  },
  clock,
);
const tab = createTab({
  lock: createWebLock(navigator.locks, MEETING),
  channel: createBroadcastTabChannel(MEETING),
  clock,
  random,
  onFault: reportError,
  openChat: () =>
    createChat({
      openRecords: () => openIndexedDbRecordStore({ name: NAME, random }),
      openTemporaryRecords: () => createMemoryDisk({ random }).open(),
      http: createFetchHttp({ origin }),
      link: createSocketLink({ origin }),
      clock,
      random,
      persistStorage: ask,
    }),
});
serveChat(port, tab, clock);
