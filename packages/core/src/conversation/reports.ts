import type { ConversationDeps } from './deps.ts';
import type { LogState } from './log-state.ts';
import type { OutboxRecord } from './records.ts';
import { type LogCell, land, type ThreadState } from './thread-state.ts';

/** A report goes at most once in this time, for all that came meanwhile. */
const REPORT_MS = 300;

/**
 * Tells the other side what is on disk here: cumulative, batched, as an application message that the relay cannot tell from
 * any other. Never in answer to reports, which would never end.
 */
export interface Reports {
  /** Plans a report when there is something to tell. */
  schedule(): void;
}

export function createReports(
  deps: ConversationDeps,
  thread: ThreadState,
  queue: (record: OutboxRecord) => Promise<void>,
): Reports {
  let planned = false;

  async function report(): Promise<void> {
    if (!deps.isOnline() || deps.alarms.isBlocked(thread.key)) return;
    const rows = await thread.serial.run(async () => {
      const due = dueCells(thread);
      const logs = due.map((cell) => {
        const record = { ...cell.state.record, reportedUpTo: cell.state.record.heardUpTo };
        return [cell, { ...cell.state, record }] as const;
      });
      await land(deps, thread, { logs });
      return due.map(({ state }) => reportRow(deps, state));
    });
    for (const row of rows) await queue(row);
  }

  return {
    schedule() {
      if (planned || dueCells(thread).length === 0) return;
      planned = true;
      deps.clock.after(REPORT_MS, () => {
        planned = false;
        report().catch(deps.failed);
      });
    },
  };
}

function dueCells(thread: ThreadState): LogCell[] {
  return [...thread.cells.values()].filter(
    ({ state }) => state.record.status === 'active' && state.record.heardUpTo > state.record.reportedUpTo,
  );
}

function reportRow({ clock, random }: ConversationDeps, { id, record }: LogState): OutboxRecord {
  const [time, upTo] = [clock.now(), record.heardUpTo];
  return { id: random(16), kind: 'delivered', text: '', upTo, time, failed: false, log: id };
}
