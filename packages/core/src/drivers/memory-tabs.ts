import type { EngineLock, HeldLock, TabChannel } from '../bridge/tab-ports.ts';

/** The tabs of a profile in one process. */
export interface MemoryTabs {
  readonly lock: EngineLock;
  /** One end for one tab. `freeze` holds back what the tab would hear until `thaw`, as a browser does. */
  openChannel(): TabChannel & { freeze(): void; thaw(): void };
}

interface Waiting {
  grant(): void;
  readonly onLost: () => void;
}

export function createMemoryTabs(): MemoryTabs {
  return { lock: createMemoryLock(), openChannel: createMemoryChannels() };
}

function createMemoryLock(): EngineLock {
  const line: Waiting[] = [];
  let holder: Waiting | undefined;

  function next(): void {
    holder = line.shift();
    holder?.grant();
  }

  return {
    take: ({ steal, onLost, signal }) =>
      new Promise<HeldLock>((resolve, reject) => {
        const mine: Waiting = {
          onLost,
          grant: () => resolve({ release: () => (holder === mine ? next() : undefined) }),
        };
        signal?.addEventListener('abort', () => {
          const place = line.indexOf(mine);
          if (place < 0) return;
          line.splice(place, 1);
          reject(new Error('aborted'));
        });
        if (steal) {
          const robbed = holder;
          holder = mine;
          mine.grant();
          robbed?.onLost();
        } else {
          line.push(mine);
          if (holder === undefined) next();
        }
      }),
  };
}

function createMemoryChannels(): MemoryTabs['openChannel'] {
  const ends = new Set<(message: unknown) => void>();
  return () => {
    let handle: (message: unknown) => void = () => undefined;
    let frozen: unknown[] | undefined;
    const hear = (message: unknown) => (frozen === undefined ? handle(message) : void frozen.push(message));
    ends.add(hear);
    return {
      post(message) {
        for (const end of ends) {
          if (end === hear) continue;
          const copy: unknown = structuredClone(message);
          queueMicrotask(() => (ends.has(end) ? end(copy) : undefined));
        }
      },
      onMessage(handler) {
        handle = handler;
      },
      close: () => void ends.delete(hear),
      freeze() {
        frozen ??= [];
      },
      thaw() {
        const missed = frozen ?? [];
        frozen = undefined;
        for (const message of missed) handle(message);
      },
    };
  };
}
