import { sha256 } from '@noble/hashes/sha2.js';
import {
  type AccessToken,
  type AccountId,
  type AckOf,
  type Delivery,
  type DeviceId,
  type EntryId,
  encodeHex,
  type LogId,
  type TokenHash,
} from '@sotto/protocol';
import { randomFraction } from '../chat/clock.ts';
import type { Unreachable } from '../link/relay-link.ts';
import type { Member, MlsGroup } from '../mls/door.ts';
import type { ConversationDeps } from './deps.ts';
import type { Follower } from './follow.ts';
import { type LogState, partsOfPending } from './log-state.ts';
import { missingDevices, revokedLeaves, type WantedDevice } from './membership.ts';
import type { PendingRecord } from './records.ts';
import { accessTokenOf, type LogCell, land, type ThreadState } from './thread-state.ts';

/** An update after this many own messages or this long (design §7: PCS). */
const UPDATE_AFTER_MESSAGES = 100;
const UPDATE_AFTER_MS = 7 * 24 * 3600 * 1000;
/** Both sides see the same reasons to commit at the same moment: jitter lets one win without a race. */
const JITTER_MS = 3000;
/** How long a device that could not be added is left alone. */
const QUIET_MS = 60_000;
/** How soon a full inbox is tried again; anybody can fill one. */
const ROOM_MS = 10 * 60_000;
const WELCOME_DAYS = 30;
const DAY_MS = 24 * 3600 * 1000;

/** The commits this device makes in the logs it follows. */
export interface OwnCommits {
  /** Sends the pending commit, the same bytes each time. */
  transmit(cell: LogCell): Promise<void>;
  /** Plans a commit where one is due: devices to add or remove, or an update. */
  tend(cell: LogCell): Promise<void>;
}

/**
 * @param dropped called after a commit was refused for good and forgotten.
 */
export function createOwnCommits(
  deps: ConversationDeps,
  thread: ThreadState,
  follower: () => Follower,
  dropped: (cell: LogCell) => void,
): OwnCommits {
  async function transmit(cell: LogCell): Promise<void> {
    const { pending } = cell.state;
    if (pending === undefined || cell.committing || !deps.isOnline()) return;
    cell.committing = true;
    try {
      const answer = await sendCommit(deps, cell, pending.record);
      if (answer.ok) follower().offer(cell, [entryOf(pending.record, answer)]);
      else await refused(cell, pending.record, answer);
    } finally {
      cell.committing = false;
    }
  }

  async function refused(cell: LogCell, pending: PendingRecord, answer: RefusedCommit): Promise<void> {
    const { code } = answer;
    if (code === 'offline' || code === 'malformed_answer') return;
    const wait = waitOf(answer, cell.state.group === undefined);
    if (wait !== undefined) {
      deps.clock.after(wait * 1000, () => void transmit(cell).catch(deps.failed));
      return;
    }
    if (code === 'epoch_moved' && cell.state.group !== undefined) return await follower().catchUp(cell);
    if (code === 'inbox_full') cell.roomAfter = deps.clock.now() + ROOM_MS;
    await thread.serial.run(() => drop(cell, pending));
    dropped(cell);
    if (code === 'inbox_full') await tend(cell);
  }

  /** The relay will never take it: forget it. A log that was to begin with it is forgotten whole. */
  async function drop(cell: LogCell, pending: PendingRecord): Promise<void> {
    if (cell.state.pending?.record !== pending) return;
    const { state } = cell;
    const record = state.group === undefined ? { ...state.record, status: 'retired' as const } : state.record;
    await land(deps, thread, { logs: [[cell, { ...state, record, pending: undefined }]] });
  }

  async function tend(cell: LogCell): Promise<void> {
    if (cell.tending || deps.clock.now() < cell.quietUntil || !mayCommit(deps, thread, cell)) return;
    if (!(await isCommitDue(deps, cell))) return;
    cell.tending = true;
    const wait = Math.floor(200 + randomFraction(deps.random) * JITTER_MS);
    deps.clock.after(wait, () => {
      commitWhatIsDue(cell)
        .catch(deps.failed)
        .finally(() => {
          cell.tending = false;
        });
    });
  }

  async function commitWhatIsDue(cell: LogCell): Promise<void> {
    const { group } = cell.state;
    if (group === undefined || !mayCommit(deps, thread, cell) || !deps.isOnline()) return;
    const claimed = await claimPackages(deps, await addable(deps, cell, group));
    await thread.serial.run(() => prepareDue(cell, group, claimed));
    await transmit(cell);
  }

  async function prepareDue(cell: LogCell, group: MlsGroup, claimed: readonly Uint8Array[]): Promise<void> {
    // The epoch may have moved while KeyPackages were claimed: then it is looked at afresh.
    if (cell.state.group?.epoch !== group.epoch || !mayCommit(deps, thread, cell)) return;
    const remove = await revokedLeaves(deps, group);
    const due = remove.length > 0 || isUpdateDue(deps, cell.state);
    const pending =
      due || claimed.length > 0
        ? await prepareCommit(deps, cell.state.group, { add: claimed, remove })
        : undefined;
    // A device that cannot be added yet (no sound KeyPackage of it at the relay) must not make this device spin.
    if (pending === undefined || (!due && pending.record.welcomes.length === 0)) {
      cell.quietUntil = deps.clock.now() + QUIET_MS;
      return;
    }
    await land(deps, thread, { logs: [[cell, { ...cell.state, pending }]] });
  }

  return { transmit, tend };
}

type RefusedCommit = Exclude<AckOf<'log:commit'>, { ok: true }> | Unreachable;

/** Refusals that pass: the same bytes go again. */
const LATER: ReadonlySet<string> = new Set(['rate_limited', 'quota_exceeded', 'storage_full', 'unavailable']);

/**
 * Seconds after which the same bytes go again; undefined when they do not. A log's first commit is its Welcomes, and new
 * ones would use up further KeyPackages: it waits for a full inbox too.
 */
function waitOf(answer: RefusedCommit, isFirst: boolean): number | undefined {
  if (answer.code === 'inbox_full') return isFirst ? 120 : undefined;
  if (!LATER.has(answer.code)) return undefined;
  return ('retryAfter' in answer ? answer.retryAfter : undefined) ?? 5;
}

/** A log's first commit goes with its creation. */
async function sendCommit(
  { link }: ConversationDeps,
  cell: LogCell,
  pending: PendingRecord,
): Promise<AckOf<'log:commit'> | Unreachable> {
  const log = cell.state.id as LogId;
  const first = cell.state.record.firstToken as AccessToken | undefined;
  const token = first ?? (await accessTokenOf(cell));
  if (token === undefined) return { ok: false, code: 'token_refused' };
  if (first !== undefined) {
    const created = await link.request('log:create', { log, tokenHash: sha256(first) as TokenHash });
    // Ids are 32 random bytes of ours: a log that exists is the one an earlier try made.
    if (!created.ok && created.code !== 'log_exists') return created;
  }
  return await link.request('log:commit', {
    log,
    token,
    id: pending.id as EntryId,
    epoch: pending.epoch,
    body: pending.body,
    nextTokenHash: pending.nextTokenHash as TokenHash,
    welcomes: [...pending.welcomes],
  });
}

function mayCommit(deps: ConversationDeps, thread: ThreadState, { state }: LogCell): boolean {
  return (
    state.record.status === 'active' && state.pending === undefined && !deps.alarms.isBlocked(thread.key)
  );
}

function isUpdateDue(deps: ConversationDeps, { record }: LogState): boolean {
  if (record.sinceUpdate >= UPDATE_AFTER_MESSAGES) return true;
  return deps.clock.now() - record.updatedAt >= UPDATE_AFTER_MS;
}

async function isCommitDue(deps: ConversationDeps, cell: LogCell): Promise<boolean> {
  const { group } = cell.state;
  if (group === undefined) return false;
  if (isUpdateDue(deps, cell.state) || (await revokedLeaves(deps, group)).length > 0) return true;
  return (await addable(deps, cell, group)).length > 0;
}

async function addable(deps: ConversationDeps, cell: LogCell, group: MlsGroup): Promise<WantedDevice[]> {
  return deps.clock.now() < cell.roomAfter ? [] : await missingDevices(deps, group);
}

/** A KeyPackage for each wanted device the relay has one for. The relay chose the bytes: MLS checks them. */
export async function claimPackages(
  deps: ConversationDeps,
  wanted: readonly WantedDevice[],
): Promise<Uint8Array[]> {
  const accounts = new Map(wanted.map(({ account }) => [encodeHex(account), account]));
  const packages: Uint8Array[] = [];
  for (const [hex, account] of accounts) {
    const answer = await deps.session.call('claimKeyPackages', { body: { account: account as AccountId } });
    if (!answer.ok) continue;
    const devices = wanted
      .filter((device) => encodeHex(device.account) === hex)
      .map(({ device }) => encodeHex(device));
    for (const claimed of answer.value.packages)
      if (devices.includes(encodeHex(claimed.device))) packages.push(claimed.keyPackage);
  }
  return packages;
}

/**
 * A commit ready to be made durable and sent, or undefined when MLS refuses it. KeyPackages that do not verify are left out:
 * one device with a bad one, or a relay that slipped one in, does not keep the others away.
 */
export async function prepareCommit(
  deps: ConversationDeps,
  group: MlsGroup,
  change: { readonly add: readonly Uint8Array[]; readonly remove: readonly number[] },
): Promise<LogState['pending']> {
  const made = await group.makeCommit(change);
  if (made.ok) {
    const record = await pendingRecord(deps, group, made);
    return { record, group: made.pending };
  }
  const sound: Uint8Array[] = [];
  for (const add of change.add) if ((await group.makeCommit({ add: [add], remove: [] })).ok) sound.push(add);
  if (sound.length === change.add.length) return undefined;
  return await prepareCommit(deps, group, { add: sound, remove: change.remove });
}

async function pendingRecord(
  deps: ConversationDeps,
  group: MlsGroup,
  made: {
    readonly body: Uint8Array;
    readonly welcome: Uint8Array | undefined;
    readonly added: readonly Member[];
    readonly pending: MlsGroup;
  },
): Promise<PendingRecord> {
  const token = await made.pending.exportSecret('sotto log access', group.groupId, 32);
  const expiryDay = Math.floor(deps.clock.now() / DAY_MS) + WELCOME_DAYS;
  const { welcome } = made;
  const welcomes: Delivery[] =
    welcome === undefined
      ? []
      : made.added.map((member) => ({
          account: member.account as AccountId,
          device: member.device as DeviceId,
          expiryDay,
          body: welcome,
        }));
  return {
    id: deps.random(16),
    epoch: group.epoch,
    body: made.body,
    nextTokenHash: sha256(token),
    welcomes,
    ...partsOfPending(made.pending),
  };
}

function entryOf(pending: PendingRecord, { seq, time }: { readonly seq: number; readonly time: number }) {
  const { epoch, body } = pending;
  return { seq, time, id: pending.id as EntryId, epoch, kind: 'commit' as const, body };
}
