import { encodeHex, equalBytes } from '@sotto/protocol';
import type { ConversationView, MessageView, PersonView } from '../chat/chat.ts';
import type { LineRecord, OutboxRecord } from './records.ts';
import type { ThreadState } from './thread-state.ts';

/** A line as people see it. `own`: the account of this device. */
export function lineView(thread: ThreadState, own: Uint8Array, line: LineRecord, index: number): MessageView {
  const mine = line.kind === 'text' && equalBytes(line.sender, own);
  const arrived = index <= thread.record.deliveredUpTo ? 'delivered' : 'sent';
  const { kind, text, time } = line;
  const sender = encodeHex(line.sender);
  return {
    id: encodeHex(line.id),
    index,
    kind,
    mine,
    sender,
    text,
    time,
    state: mine ? arrived : 'received',
  };
}

export function threadView(
  thread: ThreadState,
  own: Uint8Array,
  peer: PersonView,
  blocked: boolean,
): ConversationView {
  const { key, record } = thread;
  const queued = thread.outbox.rows().filter((row) => row.record.kind === 'text');
  return {
    key,
    kind: 'direct',
    peer,
    total: record.total,
    unread: record.unread,
    queued: queued.map((row) => queuedView(row.record, own)),
    last: record.last === undefined ? undefined : lineView(thread, own, record.last, record.total - 1),
    deliveredUpTo: record.deliveredUpTo,
    blocked,
    revision: record.revision,
  };
}

/** When the newest line came or the newest message was queued. */
export function lastActivity(thread: ThreadState): number {
  return thread.outbox.rows().reduce((time, row) => Math.max(time, row.record.time), thread.record.time);
}

function queuedView({ id, text, time, failed }: OutboxRecord, own: Uint8Array): MessageView {
  const state = failed ? 'failed' : 'queued';
  const sender = encodeHex(own);
  return { id: encodeHex(id), index: undefined, kind: 'text', mine: true, sender, text, time, state };
}
