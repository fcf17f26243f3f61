import { type AccessToken, compareBytes, type Entry, encodeHex, equalBytes } from '@sotto/protocol';
import { findDevice } from '@sotto/transparency';
import { readLines } from '../store/chunks.ts';
import type { SealedWrite } from '../store/collections.ts';
import type { ConversationDeps } from './deps.ts';
import { type LogState, logWrites } from './log-state.ts';
import type { Outbox } from './outbox.ts';
import { type LineRecord, lines, type ThreadRecord, threads } from './records.ts';
import { createSerial, type Serial } from './serial.ts';

/** Lines kept in memory: some screens of them. */
const NEWEST_KEPT = 256;

/** A log of a thread with what is known of it in memory alone. */
export interface LogCell {
  state: LogState;
  /** Entries that wait for the ones before them, by seq: live ones and acks, which are hints. */
  readonly incoming: Map<number, Entry>;
  /** Epoch of the standing subscription on this connection. */
  subscribedEpoch: number | undefined;
  /** A catch-up under way; `again` when more was hinted at meanwhile. */
  catching: Promise<void> | undefined;
  again: boolean;
  token: { readonly epoch: number; readonly value: AccessToken } | undefined;
  /** Whether the pending commit is on its way on this connection. */
  committing: boolean;
  /** A maintenance commit is planned. */
  tending: boolean;
  /** Acks of own sends are settled at this time at the earliest; whether that is planned. */
  settleAt: number;
  settling: boolean;
  /** No maintenance before this time. */
  quietUntil: number;
  /** No devices are added before this time: an inbox had no room, and what else is due must not wait for it. */
  roomAfter: number;
}

/** Where own lines stand, for those not yet reported delivered, oldest first. */
interface OwnLine {
  readonly log: string;
  readonly seq: number;
  readonly index: number;
}

/** A thread in memory. Changed only inside `serial`, and only by `land`. */
export interface ThreadState {
  readonly key: string;
  record: ThreadRecord;
  readonly cells: Map<string, LogCell>;
  readonly outbox: Outbox;
  readonly serial: Serial;
  ownLines: OwnLine[];
  /** The newest lines, up to the last one: what screens ask for again and again is not read from disk each time. */
  newest: readonly LineRecord[];
  /** Ids of recent own lines, in hexadecimal. */
  readonly ownIds: Set<string>;
}

/** A change of a thread that takes effect on disk and in memory, in this order, or not at all. */
export interface ThreadChange {
  readonly record?: ThreadRecord | undefined;
  readonly logs?: readonly (readonly [cell: LogCell, after: LogState])[] | undefined;
  readonly lines?: readonly LineRecord[] | undefined;
  readonly writes?: readonly SealedWrite[] | undefined;
}

export function newThreadRecord(peer: Uint8Array, now: number): ThreadRecord {
  return { peer, total: 0, unread: 0, deliveredUpTo: -1, time: now, revision: 0 };
}

export function createThreadState(key: string, record: ThreadRecord, outbox: Outbox): ThreadState {
  return {
    key,
    record,
    cells: new Map(),
    outbox,
    serial: createSerial(),
    ownLines: [],
    newest: [],
    ownIds: new Set(),
  };
}

export function createCell(state: LogState): LogCell {
  return {
    state,
    incoming: new Map(),
    subscribedEpoch: undefined,
    catching: undefined,
    again: false,
    token: undefined,
    committing: false,
    tending: false,
    settleAt: 0,
    settling: false,
    quietUntil: 0,
    roomAfter: 0,
  };
}

/** Whether the relay's entries of this log are wanted. */
export function isFollowed({ state }: LogCell): boolean {
  return state.record.status === 'active' || state.record.status === 'joining';
}

/** Writes a change in one step, then adopts it. Throws StoreError; then nothing changed, on disk or here. */
export async function land(
  deps: Pick<ConversationDeps, 'store' | 'identity'>,
  thread: ThreadState,
  change: ThreadChange,
): Promise<void> {
  const { writes, adopt } = prepareLanding(deps, thread, change);
  if (writes.length > 0) await deps.store.step(writes);
  adopt();
}

/** A change whose writes share a step with others: `adopt` once they are on disk, and not before. */
export interface Landing {
  readonly writes: readonly SealedWrite[];
  adopt(): void;
}

/** To be landed before anything else of the thread changes, so inside its `serial`. */
export function prepareLanding(
  { identity }: Pick<ConversationDeps, 'identity'>,
  thread: ThreadState,
  change: ThreadChange,
): Landing {
  const added = change.lines ?? [];
  const before = change.record ?? thread.record;
  const record = added.length === 0 ? before : withLines(before, added, identity.account);
  return {
    writes: changeWrites(thread, change, record),
    adopt() {
      thread.record = record;
      for (const [cell, after] of change.logs ?? []) {
        cell.state = after;
        thread.cells.set(after.hex, cell);
        after.group?.eraseSpent();
      }
      if (added.length > 0) thread.newest = [...thread.newest, ...added].slice(-NEWEST_KEPT);
      noteOwnLines(thread, added, before.total, identity.account);
      const oldest = thread.ownLines[0];
      if (oldest !== undefined && oldest.index <= record.deliveredUpTo)
        thread.ownLines = thread.ownLines.filter((line) => line.index > record.deliveredUpTo);
    },
  };
}

function changeWrites(thread: ThreadState, change: ThreadChange, record: ThreadRecord): SealedWrite[] {
  const writes: SealedWrite[] = [...(change.writes ?? [])];
  const added = change.lines ?? [];
  if (record !== thread.record) writes.push(threads.put([thread.key], record));
  if (added.length > 0) writes.push(lines.put([thread.key, record.total - added.length], { lines: added }));
  for (const [cell, after] of change.logs ?? [])
    writes.push(...logWrites(thread.cells.has(after.hex) ? cell.state : undefined, after));
  return writes;
}

function withLines(record: ThreadRecord, added: readonly LineRecord[], own: Uint8Array): ThreadRecord {
  const last = added.at(-1) ?? record.last;
  const unread = added.filter((line) => line.kind === 'text' && !equalBytes(line.sender, own)).length;
  return {
    ...record,
    total: record.total + added.length,
    unread: record.unread + unread,
    time: Math.max(record.time, last?.time ?? 0),
    last,
  };
}

/** Where the own texts among lines stand, of which the first has this index. */
export function findOwnLines(added: readonly LineRecord[], first: number, own: Uint8Array): OwnLine[] {
  return added.flatMap(({ kind, sender, log, seq }, i) =>
    kind === 'text' && equalBytes(sender, own) ? [{ log: encodeHex(log), seq, index: first + i }] : [],
  );
}

/** Remembers the own texts among lines whose first one has this index. */
export function noteOwnLines(
  thread: ThreadState,
  added: readonly LineRecord[],
  first: number,
  own: Uint8Array,
): void {
  const found = findOwnLines(added, first, own);
  thread.ownLines.push(...found);
  for (const { index } of found) {
    const line = added[index - first];
    if (line !== undefined) thread.ownIds.add(encodeHex(line.id));
  }
}

/** Lines `from` … `from + count − 1`; fewer at the end. */
export async function readThreadLines(
  { store }: Pick<ConversationDeps, 'store'>,
  { key, record, newest }: ThreadState,
  from: number,
  count: number,
): Promise<readonly LineRecord[]> {
  const first = record.total - newest.length;
  if (from >= first) return newest.slice(from - first, from - first + Math.max(0, count));
  return await readLines(store, lines, key, from, count);
}

/**
 * The log new messages go to: the one with the most current devices of both accounts, then the one that replaces another,
 * then one in which the other side has spoken, then the smaller id. Two that were opened at the same moment tie until the id, which both sides see alike; one that was
 * opened by somebody who already spoke in the other was opened because the other one is given up.
 */
export async function chooseLog(
  { pins }: Pick<ConversationDeps, 'pins'>,
  thread: ThreadState,
): Promise<LogCell | undefined> {
  const active = [...thread.cells.values()].filter(({ state }) => state.record.status === 'active');
  if (active.length < 2) return active[0];
  const scores = new Map<LogCell, number>();
  for (const cell of active) scores.set(cell, await countCurrentMembers(pins, cell.state));
  return active.sort(
    (a, b) =>
      (scores.get(b) ?? 0) - (scores.get(a) ?? 0) ||
      b.state.record.rank - a.state.record.rank ||
      Number(hasSpoken(b)) - Number(hasSpoken(a)) ||
      compareBytes(a.state.id, b.state.id),
  )[0];
}

/** A relay can see to it that the other side never joins a log of ours: what is said there, nobody hears. */
function hasSpoken({ state }: LogCell): boolean {
  return state.record.heardUpTo > 0;
}

/** The rank of a log that is joined now. */
export function rankOfJoined(thread: ThreadState): number {
  const heard = [...thread.cells.values()].filter(({ state }) => state.record.heardUpTo > 0);
  return heard.reduce((rank, { state }) => Math.max(rank, state.record.rank + 1), 0);
}

async function countCurrentMembers(pins: ConversationDeps['pins'], { group }: LogState): Promise<number> {
  let count = 0;
  for (const member of group?.members() ?? []) {
    const chain = await pins.pinned(member.account);
    const device = chain === undefined ? undefined : findDevice(chain, member.device);
    if (device !== undefined && device.revokedAt === undefined) count += 1;
  }
  return count;
}

/** The access token of the log's current epoch: MLS exporter("sotto log access", log id, 32) (design §6). */
export async function accessTokenOf(cell: LogCell): Promise<AccessToken | undefined> {
  const { group, id } = cell.state;
  if (group === undefined || !group.active) return undefined;
  if (cell.token?.epoch !== group.epoch) {
    const value = await group.exportSecret('sotto log access', id, 32);
    cell.token = { epoch: group.epoch, value: value as AccessToken };
  }
  return cell.token.value;
}
