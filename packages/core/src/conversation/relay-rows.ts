import { type AccessToken, decodeRun, type Entry, encodeHex, type LogId } from '@sotto/protocol';
import type { MessageView, RelayRowView } from '../chat/chat.ts';
import { ChatError } from '../chat/chat.ts';
import { errorOfRefusal } from '../chat/refusals.ts';
import type { RelayLink } from '../link/relay-link.ts';
import type { LogState } from './log-state.ts';
import type { Thread } from './thread.ts';

/** How many lines back a row's meaning is looked for. */
const LINES_SEEN = 500;

/** The newest entries of the thread's log as the relay stores them, read from the relay there and then. Throws ChatError. */
export async function readRelayRows(
  link: RelayLink,
  thread: Thread,
  page: { readonly before?: number | undefined; readonly count: number },
): Promise<RelayRowView[]> {
  const log = newestLog(thread);
  if (log?.group === undefined) return [];
  const end = Math.min(page.before ?? Number.MAX_SAFE_INTEGER, log.record.cursor + 1);
  const count = Math.max(1, Math.min(page.count, 200));
  const value = await log.group.exportSecret('sotto log access', log.id, 32);
  const answer = await link.request('log:read', {
    log: log.id as LogId,
    epoch: log.group.epoch,
    token: value as AccessToken,
    after: Math.max(0, end - 1 - count),
    limit: count,
  });
  if (!answer.ok) throw errorOfRefusal(answer);
  const entries = decodeRun(answer.run);
  if (entries === undefined) throw new ChatError('offline');
  const meaning = await meanings(thread);
  return entries
    .filter((entry) => entry.seq < end)
    .reverse()
    .map((entry) => rowOf(entry, meaning.get(encodeHex(entry.id))));
}

function newestLog(thread: Thread): LogState | undefined {
  return thread
    .logs()
    .filter((state) => state.group?.active === true)
    .sort((a, b) => b.record.cursor - a.record.cursor)[0];
}

async function meanings(thread: Thread): Promise<Map<string, string>> {
  const total = thread.total();
  const from = Math.max(0, total - LINES_SEEN);
  const lines: readonly MessageView[] = await thread.read(from, total - from);
  const meaningOf = ({ kind, mine, text }: MessageView) =>
    kind === 'notice' ? `a commit: ${mine ? 'you' : 'they'} ${text}` : text;
  return new Map(lines.map((line) => [line.id, meaningOf(line)]));
}

function rowOf({ seq, time, id, epoch, kind, body }: Entry, text: string | undefined): RelayRowView {
  const meaning = text ?? (kind === 'commit' ? 'a commit: new keys for everybody' : undefined);
  return { seq, time, id: encodeHex(id), epoch, kind, body: body.slice(), meaning };
}
