/** A tab's worker with the real lock, channel and disk of the browser, and a notebook where the engine stands otherwise. */
import { serveChat } from '../../src/bridge/host.ts';
import type { PageToWorker } from '../../src/bridge/messages.ts';
import { createTab } from '../../src/bridge/tab.ts';
import { createBroadcastTabChannel } from '../../src/drivers/broadcast-channel.ts';
import { openIndexedDbRecordStore } from '../../src/drivers/indexeddb-record-store.ts';
import { createSystemClock } from '../../src/drivers/system-clock.ts';
import { createWebLock } from '../../src/drivers/web-locks.ts';
import { createNotebookChat } from '../bridge/notebook-chat.ts';

const NAME = 'notebook';
const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
const clock = createSystemClock();
const tab = createTab({
  lock: createWebLock(navigator.locks, NAME),
  channel: createBroadcastTabChannel(NAME),
  clock,
  random,
  onFault: reportError,
  openChat: async () => createNotebookChat(await openIndexedDbRecordStore({ name: NAME, random })),
});
serveChat(
  {
    post: (message) => self.postMessage(message),
    onMessage(handler) {
      self.addEventListener('message', ({ data }: MessageEvent<PageToWorker | 'freeze'>) => {
        if (data === 'freeze') freeze();
        else handler(data);
      });
    },
  },
  tab,
  clock,
);

/** Stands still for ten seconds as a frozen tab does: nothing runs, the lock stays held. */
function freeze(): void {
  const end = Date.now() + 10_000;
  while (Date.now() < end);
}
