import {
  accountId,
  counter,
  decodeCbor,
  decodeRun,
  deviceId,
  type Entry,
  encodeCbor,
  encodeRun,
  type LogId,
  logId,
  NOTICES,
  type NoticeName,
} from '@sotto/protocol';
import { z } from 'zod';
import type { Hint, LogHint } from '../../realtime/hints.ts';

/** What one node says to all: that it is there, that it goes, or what it has written. */
export type NodeMessage =
  | { readonly what: 'beat'; readonly node: string; readonly echo: string }
  | { readonly what: 'bye'; readonly node: string }
  /** `missed`: there was more than it could keep. */
  | {
      readonly what: 'hints';
      readonly node: string;
      readonly hints: readonly Hint[];
      readonly missed: boolean;
    };

/** Hints in one message: 250 kB at most, but for notices, which are few, and entries, of which the outbox keeps 1 MiB. */
export const HINTS_PER_MESSAGE = 4000;
const MESSAGE_BYTES = 4 * 1024 * 1024;

const node = z.string().max(36);
const device = z.union([deviceId, z.null()]);
const notice = z
  .tuple([accountId, device, z.string(), z.unknown()])
  .refine(([, , name, body]) => isNoticeName(name) && NOTICES[name].safeParse(body).success);
const run = z.instanceof(Uint8Array).transform((bytes, context) => {
  const entries = decodeRun(bytes);
  if (entries !== undefined && entries.length > 0) return entries;
  context.addIssue({ code: 'custom' });
  return z.NEVER;
});
const message = z.discriminatedUnion('what', [
  z.strictObject({ what: z.literal('beat'), node, echo: z.string().max(32) }),
  z.strictObject({ what: z.literal('bye'), node }),
  z.strictObject({
    what: z.literal('hints'),
    node,
    missed: z.boolean(),
    // A position, or a run that ends at it.
    logs: z.array(z.tuple([logId, z.union([counter, run])])),
    inboxes: z.array(z.tuple([accountId, deviceId, counter])),
    notices: z.array(notice),
  }),
]);

export function encodeNodeMessage(said: NodeMessage): Buffer {
  return Buffer.from(encodeCbor(said.what === 'hints' ? packHints(said) : said));
}

/** Undefined for anything else: others may write to this server. */
export function decodeNodeMessage(said: Uint8Array): NodeMessage | undefined {
  const parsed = message.safeParse(decodeCbor(said, MESSAGE_BYTES));
  if (!parsed.success) return undefined;
  if (parsed.data.what !== 'hints') return parsed.data;
  const { what, node, missed, logs, inboxes, notices } = parsed.data;
  const hints: Hint[] = [
    ...logs.map(([log, news]) => openLogHint(log, news)),
    ...inboxes.map(([account, device, seq]) => ({ kind: 'inbox', account, device, seq }) as const),
    ...notices.map(
      ([account, device, name, notice]) =>
        ({ kind: 'notice', account, device: device ?? undefined, name, notice }) as Hint,
    ),
  ];
  return { what, node, missed, hints };
}

function packHints({ what, node, missed, hints }: Extract<NodeMessage, { what: 'hints' }>) {
  const logs: unknown[] = [];
  const inboxes: unknown[] = [];
  const notices: unknown[] = [];
  for (const hint of hints) {
    if (hint.kind === 'log') logs.push([hint.log, isRunUpTo(hint) ? encodeRun(hint.entries) : hint.seq]);
    else if (hint.kind === 'inbox') inboxes.push([hint.account, hint.device, hint.seq]);
    else notices.push([hint.account, hint.device ?? null, hint.name, hint.notice]);
  }
  return { what, node, missed, logs, inboxes, notices };
}

/** The outbox makes them so; of any other the position is said. */
function isRunUpTo({ seq, entries }: LogHint): boolean {
  return entries.length > 0 && entries.at(-1)?.seq === seq;
}

function openLogHint(log: LogId, news: number | readonly Entry[]): LogHint {
  if (typeof news === 'number') return { kind: 'log', log, seq: news, entries: [] };
  return { kind: 'log', log, seq: news.at(-1)?.seq ?? 0, entries: news };
}

function isNoticeName(name: string): name is NoticeName {
  return Object.hasOwn(NOTICES, name);
}
