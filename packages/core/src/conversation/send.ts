import { encodeHex } from '@sotto/protocol';
import type { ConversationDeps } from './deps.ts';
import type { Follower } from './follow.ts';
import type { OutboxRecord } from './records.ts';
import { sealOutbox } from './seal.ts';
import { chooseLog, type LogCell, type ThreadState } from './thread-state.ts';
import { createTransmitter } from './transmit.ts';

/** Brings the outbox into the log: durable first, sealed and durable second, sent third. */
export interface Sender {
  /** Resolves when the row is on disk. Throws StoreError when it is not. */
  queue(record: OutboxRecord): Promise<void>;
  /** Seals what can be sealed and sends what is sealed. */
  pump(): void;
}

interface Intake {
  readonly record: OutboxRecord;
  readonly durable: PromiseWithResolvers<void>;
}

/** @param needLog called when rows wait and the thread has no log to take them. */
export function createSender(
  deps: ConversationDeps,
  thread: ThreadState,
  follower: () => Follower,
  needLog: () => void,
): Sender {
  let intake: Intake[] = [];
  const becoming = new Map<string, Promise<void>>();
  let pumping = false;
  const transmitter = createTransmitter(deps, thread, follower, pump);

  function pump(): void {
    if (pumping) return;
    pumping = true;
    thread.serial.run(pumpOnce).catch(deps.failed);
  }

  async function pumpOnce(): Promise<void> {
    pumping = false;
    const target = await chooseLog(deps, thread);
    if (await storeIntake(target)) deps.changed();
    if (target === undefined && hasText(thread) && !deps.alarms.isBlocked(thread.key)) needLog();
    for (const cell of thread.cells.values()) await transmitter.send(cell);
  }

  /** Takes all that was queued since the last time: rows that come together share the step. True when there were any. */
  async function storeIntake(target: LogCell | undefined): Promise<boolean> {
    const fresh = intake;
    intake = [];
    const records = fresh.map(({ record }) => record);
    try {
      const settled =
        target === undefined || fresh.length === 0 ? undefined : await follower().settle(target);
      await sealOutbox(deps, thread, records, target, settled);
    } catch (thrown) {
      for (const { durable } of fresh) durable.reject(thrown);
      throw thrown;
    }
    for (const { durable } of fresh) durable.resolve();
    return fresh.length > 0;
  }

  return {
    async queue(record) {
      const id = encodeHex(record.id);
      const known = becoming.get(id);
      // The same message asked for twice at once: one row, one answer for both.
      if (known !== undefined) return await known;
      const durable = Promise.withResolvers<void>();
      becoming.set(id, durable.promise);
      intake.push({ record, durable });
      pump();
      await durable.promise.finally(() => becoming.delete(id));
    },
    pump,
  };
}

function hasText(thread: ThreadState): boolean {
  return thread.outbox.rows().some(({ record }) => record.kind === 'text' && !record.failed);
}
