import { encodeHex, entrySize, type InboxItem, LIMITS } from '@sotto/protocol';
import { type InboxAddress, type InboxStore, inboxItemSize } from '../inbox-store.ts';
import type { EpochState, KnownEntry } from '../log-rules.ts';
import {
  dayOf,
  digestMessage,
  digestRequest,
  expiryTime,
  judgeRetry,
  opensEpoch,
  visibleHead,
} from '../log-rules.ts';
import type {
  AppendCommit,
  Appended,
  AppendMessage,
  AppendRefused,
  InboxDelivery,
  LogStore,
  ReadEntries,
  StoredEntry,
} from '../log-store.ts';
import type { NewsStore } from '../news-store.ts';

interface Log {
  readonly entryDays: number;
  readonly epochs: EpochState[];
  readonly entries: StoredEntry[];
  readonly known: Map<string, KnownEntry>;
  seq: number;
}

interface Inbox {
  last: number;
  items: InboxItem[];
}

/** Logs and inboxes in memory, for tests. Forgets everything with the process. */
export function createMemoryLogs(): {
  readonly logs: LogStore;
  readonly inboxes: InboxStore;
  readonly news: NewsStore;
} {
  const logs = new Map<string, Log>();
  const inboxes = new Map<string, Inbox>();
  return { logs: logStore(logs, inboxes), inboxes: inboxStore(inboxes), news: newsStore(logs, inboxes) };
}

function logStore(logs: Map<string, Log>, inboxes: Map<string, Inbox>): LogStore {
  return {
    async createLog({ log, tokenHash, entryDays }) {
      const key = encodeHex(log);
      if (logs.has(key)) return { ok: false, code: 'log_exists' };
      const first = { tokenHash: new Uint8Array(tokenHash), endedAt: undefined };
      logs.set(key, { entryDays, epochs: [first], entries: [], known: new Map(), seq: 0 });
      return { ok: true };
    },
    async appendMessage(request) {
      const log = logs.get(encodeHex(request.log));
      const settled = settle(log, request);
      return settled ?? place(log as Log, request, 'message');
    },
    async appendCommit(request) {
      const log = logs.get(encodeHex(request.log));
      const settled = settle(log, request);
      if (settled !== undefined) return settled;
      return commit(log as Log, request, inboxes);
    },
    async readEntries(request) {
      const log = logs.get(encodeHex(request.log));
      if (log === undefined) return { ok: false, code: 'log_unknown' };
      const epoch = log.epochs[request.epoch];
      if (!opensEpoch(epoch, request.shownHash)) return { ok: false, code: 'token_refused' };
      const head = visibleHead({ epoch: log.epochs.length - 1, seq: log.seq }, request.epoch, epoch);
      return { ok: true, entries: fillRun(log.entries, request, head.seq), head };
    },
    async expireEntries(now) {
      let expired = 0;
      for (const log of logs.values()) expired += expireLog(log, expiryTime(now, log.entryDays));
      return expired;
    },
    async close() {},
  };
}

/** Everything that ends an append without writing: undefined when the entry is to be placed. */
function settle(
  log: Log | undefined,
  request: AppendMessage | AppendCommit,
): Appended | AppendRefused | undefined {
  if (log === undefined) return { ok: false, code: 'log_unknown' };
  const epoch = log.epochs[request.epoch];
  if (!opensEpoch(epoch, request.shownHash)) return { ok: false, code: 'token_refused' };
  const known = log.known.get(encodeHex(request.id));
  if (known !== undefined) return judgeRetry(known, request);
  if (epoch.endedAt === undefined) return undefined;
  const head = visibleHead({ epoch: log.epochs.length - 1, seq: log.seq }, request.epoch, epoch);
  return { ok: false, code: 'epoch_moved', head };
}

function place(log: Log, request: AppendMessage, kind: StoredEntry['kind']): Appended {
  const time = Math.max(request.now, log.entries.at(-1)?.time ?? 0);
  const { id, epoch } = request;
  log.seq += 1;
  const entry = {
    seq: log.seq,
    time,
    id: new Uint8Array(id) as typeof id,
    epoch,
    kind,
    body: new Uint8Array(request.body),
  };
  log.entries.push(entry);
  const digest = kind === 'commit' ? digestRequest(request) : undefined;
  log.known.set(encodeHex(id), { ...entry, digest });
  return { ok: true, seq: entry.seq, time, again: false, delivered: [] };
}

function commit(
  log: Log,
  request: AppendCommit,
  inboxes: Map<string, Inbox>,
): Appended | { ok: false; code: 'inbox_full' } {
  const today = dayOf(request.now);
  const more = new Map<Inbox, number>();
  for (const delivery of request.deliveries) {
    const inbox = inboxOf(inboxes, delivery);
    more.set(inbox, (more.get(inbox) ?? 0) + 1);
  }
  for (const [inbox, count] of more) {
    if (countFresh(inbox, today) + count > LIMITS.inboxItems) return { ok: false, code: 'inbox_full' };
  }
  const placed = place(log, request, 'commit');
  log.epochs[request.epoch] = { ...(log.epochs[request.epoch] as EpochState), endedAt: placed.seq };
  log.epochs.push({ tokenHash: new Uint8Array(request.nextTokenHash), endedAt: undefined });
  const delivered = request.deliveries.map((delivery) => putItem(inboxOf(inboxes, delivery), delivery));
  return { ...placed, delivered };
}

function fillRun(entries: readonly StoredEntry[], request: ReadEntries, upTo: number): StoredEntry[] {
  const run: StoredEntry[] = [];
  let size = 0;
  for (const entry of entries) {
    if (entry.seq <= request.after) continue;
    if (entry.seq > upTo || run.length === request.limit || size >= LIMITS.run) break;
    run.push(entry);
    size += entrySize(entry);
  }
  return run;
}

function expireLog(log: Log, before: number): number {
  let expired = 0;
  for (let first = log.entries[0]; first !== undefined && first.time < before; first = log.entries[0]) {
    log.entries.shift();
    const id = encodeHex(first.id);
    const known = log.known.get(id);
    if (known !== undefined) {
      log.known.set(id, { ...known, body: undefined, digest: known.digest ?? digestMessage(first.body) });
    }
    expired += 1;
  }
  return expired;
}

function inboxStore(inboxes: Map<string, Inbox>): InboxStore {
  return {
    async appendItem(delivery, today) {
      const inbox = inboxOf(inboxes, delivery);
      if (countFresh(inbox, today) >= LIMITS.inboxItems) return { ok: false, code: 'inbox_full' };
      return { ok: true, seq: putItem(inbox, delivery) };
    },
    async readItems(address, after, today) {
      const items: InboxItem[] = [];
      let size = 0;
      for (const item of inboxOf(inboxes, address).items) {
        if (item.seq <= after || item.expiryDay < today) continue;
        if (items.length === LIMITS.runEntries || size >= LIMITS.run) break;
        items.push(item);
        size += inboxItemSize(item);
      }
      return { ok: true, items };
    },
    async trimItems(address, upTo) {
      const inbox = inboxOf(inboxes, address);
      inbox.items = inbox.items.filter((item) => item.seq > upTo);
      return { ok: true };
    },
    async expireItems(today) {
      let expired = 0;
      for (const inbox of inboxes.values()) {
        const fresh = inbox.items.filter((item) => item.expiryDay >= today);
        expired += inbox.items.length - fresh.length;
        inbox.items = fresh;
      }
      return expired;
    },
  };
}

function newsStore(logs: Map<string, Log>, inboxes: Map<string, Inbox>): NewsStore {
  return {
    async findLogNews(read) {
      return read.flatMap(({ log, seq }) => {
        const last = logs.get(encodeHex(log))?.seq ?? 0;
        return last > seq ? [{ log, seq: last }] : [];
      });
    },
    async findInboxNews(read) {
      return read.flatMap(({ account, device, seq }) => {
        const last = inboxOf(inboxes, { account, device }).items.at(-1)?.seq ?? 0;
        return last > seq ? [{ account, device, seq: last }] : [];
      });
    },
  };
}

function inboxOf(inboxes: Map<string, Inbox>, { account, device }: InboxAddress): Inbox {
  const key = encodeHex(account) + encodeHex(device);
  const known = inboxes.get(key);
  if (known !== undefined) return known;
  const fresh: Inbox = { last: 0, items: [] };
  inboxes.set(key, fresh);
  return fresh;
}

function countFresh(inbox: Inbox, today: number): number {
  return inbox.items.filter((item) => item.expiryDay >= today).length;
}

function putItem(inbox: Inbox, { expiryDay, body }: InboxDelivery): number {
  inbox.last += 1;
  inbox.items.push({ seq: inbox.last, expiryDay, body: new Uint8Array(body) });
  return inbox.last;
}
