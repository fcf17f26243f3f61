import { decodeHex, decodeRun, encodeHex } from '@sotto/protocol';
import type { KeyPackageSupply } from '../account/key-packages.ts';
import { createSerial } from '../conversation/serial.ts';
import type { ConversationDeps } from './deps.ts';
import { createInbox, type Inbox, type Joined } from './inbox.ts';
import { type LogRecord, logs, threads } from './records.ts';
import { loadThread, type Thread } from './thread.ts';
import { newThreadRecord } from './thread-state.ts';

/** All conversations of this device. */
export interface Conversations {
  list(): readonly Thread[];
  find(key: string): Thread | undefined;
  /** The thread with this account, made when there is none. */
  open(peer: Uint8Array): Promise<Thread>;
  readonly inbox: Inbox;
  /** Live entries, as `encodeRun` wrote them: the relay's bytes. */
  offer(log: Uint8Array, run: Uint8Array): void;
  connected(): void;
  disconnected(): void;
}

/** Reads every thread back from disk. */
export async function loadConversations(
  deps: ConversationDeps,
  supply: KeyPackageSupply,
  met: (peer: Uint8Array) => Promise<void>,
): Promise<Conversations> {
  const threadByKey = new Map<string, Thread>();
  const opening = createSerial();
  const logsByThread = await readLogs(deps);
  for (const { key, value } of await deps.store.range(threads.range([]))) {
    const name = String(key[1]);
    threadByKey.set(name, await loadThread(deps, name, value, logsByThread.get(name) ?? []));
  }

  function threadOfLog(hex: string): Thread | undefined {
    return [...threadByKey.values()].find((thread) => thread.logs().some((log) => log.hex === hex));
  }

  async function open(peer: Uint8Array): Promise<Thread> {
    return await opening.run(async () => {
      const key = encodeHex(peer);
      const known = threadByKey.get(key);
      if (known !== undefined) return known;
      const record = newThreadRecord(peer, deps.clock.now());
      await deps.store.step([threads.put([key], record)]);
      const thread = await loadThread(deps, key, record, []);
      threadByKey.set(key, thread);
      deps.changed();
      return thread;
    });
  }

  async function take({ peer, state, notices, writes }: Joined): Promise<void> {
    await met(peer);
    const thread = await open(peer);
    await thread.join(state, notices, writes);
  }

  return {
    list: () => [...threadByKey.values()],
    find: (key) => threadByKey.get(key),
    open,
    inbox: createInbox(deps, supply, (hex) => threadOfLog(hex) !== undefined, take),
    offer(log, run) {
      const entries = decodeRun(run);
      const hex = encodeHex(log);
      if (entries !== undefined) threadOfLog(hex)?.offer(hex, entries);
    },
    connected() {
      for (const thread of threadByKey.values()) thread.connected();
    },
    disconnected() {
      for (const thread of threadByKey.values()) thread.disconnected();
    },
  };
}

async function readLogs({ store }: ConversationDeps) {
  const byThread = new Map<string, { id: Uint8Array; record: LogRecord }[]>();
  for (const { key, value } of await store.range(logs.range([]))) {
    const id = decodeHex(String(key[1]));
    if (id === undefined) throw new Error('stored log id is no hexadecimal');
    const among = byThread.get(value.thread) ?? [];
    among.push({ id, record: value });
    byThread.set(value.thread, among);
  }
  return byThread;
}
