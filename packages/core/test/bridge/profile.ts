import { serveChat } from '../../src/bridge/host.ts';
import type { PageToWorker, Port, WorkerToPage } from '../../src/bridge/messages.ts';
import { createPageChat, type PageChat } from '../../src/bridge/page-client.ts';
import { createTab, type Tab } from '../../src/bridge/tab.ts';
import type { EngineLock, HeldLock } from '../../src/bridge/tab-ports.ts';
import type { Clock } from '../../src/chat/clock.ts';
import { createMemoryDisk } from '../../src/drivers/memory-record-store.ts';
import { createMemoryTabs } from '../../src/drivers/memory-tabs.ts';
import type { RecordStore } from '../../src/store/record-store.ts';
import { createManualClock, type ManualClock } from './manual-clock.ts';
import { createNotebookChat } from './notebook-chat.ts';

/** A browser profile: one disk, one lock, one channel, and time that the test moves. */
export interface Profile {
  readonly clock: ManualClock;
  /** Everything that crossed between tabs. */
  readonly overheard: unknown[];
  /** What engines said that did not open. */
  readonly faults: unknown[];
  /** Engines that opened so far. */
  engines(): number;
  openTab(faults?: { open?: () => void }): OpenTab;
  /** Speaks on the channel as any script of the origin could. */
  shout(message: unknown): void;
}

export interface OpenTab {
  readonly tab: Tab;
  readonly page: PageChat;
  /** As the browser ends a tab: at once, nothing said. */
  kill(): void;
  /** As the browser freezes one: timers, events and disk stand still. */
  freeze(): void;
  thaw(): void;
}

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));

export function createProfile(): Profile {
  const clock = createManualClock();
  const disk = createMemoryDisk({ random });
  const tabs = createMemoryTabs();
  const overheard: unknown[] = [];
  const faultsSeen: unknown[] = [];
  const spy = tabs.openChannel();
  spy.onMessage((message) => overheard.push(message));
  let engines = 0;
  return {
    clock,
    overheard,
    faults: faultsSeen,
    engines: () => engines,
    shout: spy.post,
    openTab(faults = {}) {
      const life = createLife();
      const channel = tabs.openChannel();
      const lock = livingLock(tabs.lock, life);
      const tab = createTab({
        lock: lock.lock,
        channel,
        clock: livingClock(clock, life),
        random,
        onFault: (error) => faultsSeen.push(error),
        async openChat() {
          faults.open?.();
          const records = await disk.open();
          engines += 1;
          return await createNotebookChat(livingStore(records, life));
        },
      });
      const [pageEnd, workerEnd] = createPortPair();
      serveChat(workerEnd, tab, clock);
      return {
        tab,
        page: createPageChat(pageEnd, async () => true),
        kill() {
          life.kill();
          channel.close();
          lock.release();
        },
        freeze() {
          channel.freeze();
          life.freeze();
        },
        thaw() {
          // The worse order: a timer fires before what was missed is heard.
          life.thaw();
          channel.thaw();
        },
      };
    },
  };
}

interface Life {
  /** Runs it now, later when frozen, never when dead. */
  run(act: () => void): void;
  kill(): void;
  freeze(): void;
  thaw(): void;
}

function createLife(): Life {
  let dead = false;
  let frozen: (() => void)[] | undefined;
  return {
    run(act) {
      if (dead) return;
      if (frozen === undefined) act();
      else frozen.push(act);
    },
    kill() {
      dead = true;
    },
    freeze() {
      frozen ??= [];
    },
    thaw() {
      const missed = frozen ?? [];
      frozen = undefined;
      for (const act of missed) act();
    },
  };
}

function livingClock(clock: Clock, life: Life): Clock {
  return { now: clock.now, after: (ms, callback) => clock.after(ms, () => life.run(callback)) };
}

function livingStore(records: RecordStore, life: Life): RecordStore {
  return {
    ...records,
    commit: (writes, root) =>
      new Promise((resolve, reject) => life.run(() => records.commit(writes, root).then(resolve, reject))),
  };
}

function livingLock(lock: EngineLock, life: Life): { readonly lock: EngineLock; release(): void } {
  const held: HeldLock[] = [];
  const place = new AbortController();
  return {
    lock: {
      async take({ onLost, signal, steal }) {
        const signals = signal === undefined ? [place.signal] : [signal, place.signal];
        const granted = await lock.take({
          steal,
          signal: AbortSignal.any(signals),
          onLost: () => life.run(onLost),
        });
        held.push(granted);
        return granted;
      },
    },
    release() {
      place.abort();
      for (const one of held) one.release();
    },
  };
}

/** Two ends of a line between threads. */
export function createPortPair(): [Port<PageToWorker, WorkerToPage>, Port<WorkerToPage, PageToWorker>] {
  let toPage: (message: WorkerToPage) => void = () => undefined;
  let toWorker: (message: PageToWorker) => void = () => undefined;
  return [
    {
      post(message) {
        const copy = structuredClone(message);
        queueMicrotask(() => toWorker(copy));
      },
      onMessage(handler) {
        toPage = handler;
      },
    },
    {
      post(message) {
        const copy = structuredClone(message);
        queueMicrotask(() => toPage(copy));
      },
      onMessage(handler) {
        toWorker = handler;
      },
    },
  ];
}
