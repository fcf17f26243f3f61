import { encodeHex } from '@sotto/protocol';
import type { DeviceIdentity, GroupParts, Mls, MlsGroup } from '../mls/door.ts';
import type { SealedWrite } from '../store/collections.ts';
import type { SealedStore } from '../store/sealed-store.ts';
import { groupEpochs, groupRatchets, type LogRecord, logs, type PendingRecord, pendings } from './records.ts';

/** A log as this device holds it: a value. A step computes the next one and adopts it only once it is on disk. */
export interface LogState {
  readonly id: Uint8Array;
  readonly hex: string;
  readonly record: LogRecord;
  /** Undefined until our first commit is accepted. */
  readonly group: MlsGroup | undefined;
  readonly pending: { readonly record: PendingRecord; readonly group: MlsGroup } | undefined;
  /** Hashes of the entries of this epoch that are at hand, the last one at the cursor. */
  readonly hashes: Hashes;
}

/**
 * The first `count` of `list`. Values that follow each other share the list and append to it: a thousand entries are not
 * a thousand copies. A value that was given up may have appended beyond `count`; what is built on an older one copies.
 */
interface Hashes {
  readonly list: Uint8Array[];
  readonly count: number;
}

/** Hashes in memory, and of these on disk: a sender who lags further is checked by its next message. */
const HASHES_KEPT = 1024;
const HASHES_STORED = 64;

/** A log we make: nothing of it is anywhere yet but in `pending`. */
export function newLogState(id: Uint8Array, thread: string, now: number): LogState {
  const record: LogRecord = {
    thread,
    status: 'joining',
    cursor: 0,
    epochStart: 0,
    hash: new Uint8Array(32),
    recent: new Uint8Array(),
    sinceUpdate: 0,
    updatedAt: now,
    heardUpTo: 0,
    reportedUpTo: 0,
    rank: 0,
  };
  return { id, hex: encodeHex(id), record, group: undefined, pending: undefined, hashes: hashesOf([]) };
}

/** The state after an entry that changes no epoch: the cursor stands on it, the transcript holds it. */
export function withEntry(state: LogState, seq: number, hash: Uint8Array): LogState {
  const hashes = append(state.hashes, hash);
  return { ...state, record: { ...state.record, cursor: seq, hash }, hashes };
}

/** The state after a commit at `seq` opened an epoch whose transcript starts at `seed`. */
export function withEpoch(
  state: LogState,
  opened: {
    readonly group: MlsGroup;
    readonly seq: number;
    readonly seed: Uint8Array;
    readonly wasIn: boolean;
  },
): LogState {
  const { group, seq, seed, wasIn } = opened;
  const record: LogRecord = {
    ...state.record,
    status: group.active ? 'active' : 'removed',
    cursor: seq,
    epochStart: seq,
    hash: seed,
    before: wasIn ? state.record.hash : undefined,
    firstToken: undefined,
  };
  return { ...state, record, group, pending: undefined, hashes: hashesOf([seed]) };
}

/** Our hash at `seq` of this epoch, or undefined when it is not at hand. */
export function hashAt(state: LogState, seq: number): Uint8Array | undefined {
  const back = state.record.cursor - seq;
  return back < 0 ? undefined : state.hashes.list[state.hashes.count - 1 - back];
}

/** What must be on disk for `after` to be adopted in place of `before`. */
export function logWrites(before: LogState | undefined, after: LogState): SealedWrite[] {
  const recent = joinHashes(
    after.hashes.list.slice(Math.max(0, after.hashes.count - HASHES_STORED), after.hashes.count),
  );
  const writes: SealedWrite[] = [logs.put([after.hex], { ...after.record, recent })];
  writes.push(...groupWrites(before?.group, after));
  if (after.pending !== before?.pending) {
    writes.push(
      after.pending === undefined
        ? pendings.remove(after.hex)
        : pendings.put([after.hex], after.pending.record),
    );
  }
  return writes;
}

/** What a seal changed, beside its row: the ratchet of our own leaf. */
export function sealWrites(before: LogState, group: MlsGroup): SealedWrite[] {
  return groupWrites(before.group, { hex: before.hex, group });
}

function groupWrites(
  before: MlsGroup | undefined,
  { hex, group }: Pick<LogState, 'hex' | 'group'>,
): SealedWrite[] {
  if (group === undefined || group === before) return [];
  const changed = before === undefined ? group.encodeAll() : group.encodeChanges(before);
  const writes = [...changed.ratchets].map(([name, bytes]) => groupRatchets.put([hex, name], bytes));
  if (changed.epoch !== undefined) writes.push(groupEpochs.put([hex], changed.epoch));
  return writes;
}

/** `encodeAll` as it stands in a pending record. */
export function partsOfPending(group: MlsGroup): Pick<PendingRecord, 'groupEpoch' | 'ratchets'> {
  const parts = group.encodeAll();
  return { groupEpoch: parts.epoch, ratchets: [...parts.ratchets] };
}

/** Reads a log back. Throws when the disk holds no sound state of it. */
export async function loadLog(
  deps: { readonly store: SealedStore; readonly mls: Mls; readonly identity: DeviceIdentity },
  id: Uint8Array,
  record: LogRecord,
): Promise<LogState> {
  const { store, mls, identity } = deps;
  const hex = encodeHex(id);
  const [epoch, stored] = [await store.get(groupEpochs.key(hex)), await store.get(pendings.key(hex))];
  const load = (parts: GroupParts) => mls.loadGroup(identity, parts);
  const group =
    epoch === undefined ? undefined : await load({ epoch, ratchets: await loadRatchets(store, hex) });
  const pending =
    stored === undefined
      ? undefined
      : {
          record: stored,
          group: await load({ epoch: stored.groupEpoch, ratchets: new Map(stored.ratchets) }),
        };
  return { id, hex, record, group, pending, hashes: hashesOf(splitHashes(record.recent)) };
}

async function loadRatchets(store: SealedStore, hex: string): Promise<Map<string, Uint8Array>> {
  const found = await store.range(groupRatchets.range([hex]));
  return new Map(found.map(({ key, value }) => [String(key[2]), value]));
}

function hashesOf(list: Uint8Array[]): Hashes {
  return { list, count: list.length };
}

function append({ list, count }: Hashes, hash: Uint8Array): Hashes {
  const isNewest = list.length === count && count < 2 * HASHES_KEPT;
  const shared = isNewest ? list : list.slice(Math.max(0, count + 1 - HASHES_KEPT), count);
  shared.push(hash);
  return hashesOf(shared);
}

function joinHashes(hashes: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(hashes.length * 32);
  for (const [i, hash] of hashes.entries()) joined.set(hash, i * 32);
  return joined;
}

function splitHashes(joined: Uint8Array): Uint8Array[] {
  return Array.from({ length: joined.length / 32 }, (_, i) => joined.slice(i * 32, i * 32 + 32));
}
