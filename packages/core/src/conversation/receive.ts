import { sha256 } from '@noble/hashes/sha2.js';
import { type Entry, encodeHex, equalBytes } from '@sotto/protocol';
import type { AlarmKind } from '../chat/chat.ts';
import { type Content, readContent } from '../content/content.ts';
import { decodePayload, type TranscriptClaim } from '../content/payload.ts';
import { advanceTranscript, agreesWithTranscript, seedTranscript } from '../content/transcript.ts';
import type { Member, MlsGroup, MlsRefusal } from '../mls/door.ts';
import { hashAt, type LogState, withEntry, withEpoch } from './log-state.ts';
import type { LineRecord, OutboxRecord } from './records.ts';

/** What processing needs to know beside the log itself. */
export interface ReceiveDeps {
  /** 16 bytes. */
  readonly ownAccount: Uint8Array;
  /** The outbox row with this entry id, when it was sealed for this log. */
  readonly ownEntry: (id: Uint8Array) => OutboxRecord | undefined;
  /** Grows when the authentication service could not answer. */
  readonly unavailable: () => number;
  /** By this device's clock: when keys are renewed is not for the relay's times to say. */
  readonly now: number;
}

/**
 * What a run of entries came to: a value, adopted only when it is on disk. `stop`: why the last ones were left alone;
 * `put_off` asks again later, `broken` never gets further.
 */
export interface Received {
  readonly state: LogState;
  readonly lines: readonly LineRecord[];
  /** Own outbox rows that are in the log now: entry ids in hexadecimal. */
  readonly settled: readonly string[];
  /** Highest seq that a device of the other account reported to have on disk. */
  readonly delivered: number;
  readonly alarms: readonly AlarmKind[];
  readonly stop: 'put_off' | 'broken' | undefined;
}

/**
 * Processes entries that follow the cursor without a gap. Order, ids, epochs, times and bodies are the relay's word: what
 * MLS refuses becomes a gap line and an alarm and changes no key; a refused commit ends the log for this device.
 */
export async function receiveEntries(
  deps: ReceiveDeps,
  before: LogState,
  entries: readonly Entry[],
): Promise<Received> {
  let received: Received = {
    state: before,
    lines: [],
    settled: [],
    delivered: 0,
    alarms: [],
    stop: undefined,
  };
  for (const entry of entries) {
    received = await receiveEntry(deps, received, entry);
    if (received.stop !== undefined) break;
  }
  return received;
}

async function receiveEntry(deps: ReceiveDeps, received: Received, entry: Entry): Promise<Received> {
  const { state } = received;
  if (state.record.status === 'joining') return lookForOwnAdding(received, entry);
  const { pending, group } = state;
  if (pending !== undefined && isOwnCommit(state, entry)) {
    return openEpoch(deps, received, entry, {
      group: pending.group,
      ...changesBetween(group, pending.group),
    });
  }
  if (group === undefined) return breakOff(received, 'entry_refused');
  if (entry.kind === 'commit') return await receiveCommit(deps, received, entry, group);
  // Shown a second time, at another place, it is no entry of ours but the relay's lie.
  const own = received.settled.includes(encodeHex(entry.id)) ? undefined : deps.ownEntry(entry.id);
  if (own?.body !== undefined && equalBytes(own.body, entry.body)) {
    return settleOwn(deps, received, entry, own);
  }
  return await receiveMessage(deps, received, entry, group);
}

/** Entries from before this device was added, up to the commit that added it: its seq seeds the transcript. */
function lookForOwnAdding(received: Received, entry: Entry): Received {
  const { state } = received;
  const epoch = state.group?.epoch ?? 0;
  if (entry.epoch >= epoch || state.group === undefined) return breakOff(received, 'history_missing');
  if (entry.epoch === epoch - 1 && entry.kind === 'commit') {
    const seed = seedTranscript(state.group.epochAuthenticator, entry.seq).hash;
    const opened = withEpoch(state, { group: state.group, seq: entry.seq, seed, wasIn: false });
    return { ...received, state: opened };
  }
  return { ...received, state: { ...state, record: { ...state.record, cursor: entry.seq } } };
}

function isOwnCommit({ pending }: LogState, entry: Entry): boolean {
  return (
    pending !== undefined &&
    entry.kind === 'commit' &&
    equalBytes(pending.record.id, entry.id) &&
    equalBytes(pending.record.body, entry.body)
  );
}

async function receiveCommit(
  deps: ReceiveDeps,
  received: Received,
  entry: Entry,
  group: MlsGroup,
): Promise<Received> {
  const asked = deps.unavailable();
  const processed = await attempt(() => group.processCommit(entry.body));
  // An authentication service that could not answer is no verdict on the commit.
  if (deps.unavailable() !== asked) return { ...received, stop: 'put_off' };
  if (!processed.ok) return breakOff(withGap(received, entry, deps.ownAccount), 'entry_refused');
  return openEpoch(deps, received, entry, processed);
}

/** Adopts the epoch that a commit opened; a commit of ours that lost the race for the old epoch is dropped with it. */
function openEpoch(
  deps: ReceiveDeps,
  received: Received,
  entry: Entry,
  change: {
    readonly group: MlsGroup;
    readonly added: readonly Member[];
    readonly removed: readonly Member[];
  },
): Received {
  const { state } = received;
  const { group } = change;
  const own = isOwnCommit(state, entry);
  const seed = seedTranscript(group.epochAuthenticator, entry.seq).hash;
  const opened = withEpoch(state, { group, seq: entry.seq, seed, wasIn: state.group !== undefined });
  const record = own ? { ...opened.record, sinceUpdate: 0, updatedAt: deps.now } : opened.record;
  const notices = [
    ...change.removed.map((member) => ({ member, text: `no longer uses ${deviceName(member)}` })),
    ...change.added.map((member) => ({ member, text: `joined with ${deviceName(member)}` })),
  ].map(({ member, text }, i) => noticeLine(state.id, entry, member.account, text, i));
  return { ...received, state: { ...opened, record }, lines: [...received.lines, ...notices] };
}

/** How a notice names a device: the first four bytes of its id. */
export function deviceName(member: Member): string {
  return `device ${encodeHex(member.device.subarray(0, 4))}`;
}

function changesBetween(before: MlsGroup | undefined, after: MlsGroup) {
  const old = before?.members() ?? after.members().filter((member) => member.leaf === after.ownLeaf);
  const now = after.members();
  const same = (a: Member) => (b: Member) => equalBytes(a.signatureKey, b.signatureKey);
  return {
    added: now.filter((member) => !old.some(same(member))),
    removed: old.filter((member) => !now.some(same(member))),
  };
}

function settleOwn(deps: ReceiveDeps, received: Received, entry: Entry, own: OutboxRecord): Received {
  const after = advance(received.state, entry);
  const state = { ...after, record: { ...after.record, sinceUpdate: after.record.sinceUpdate + 1 } };
  const lines = own.kind === 'text' ? [textLine(state.id, entry, deps.ownAccount, own.text)] : [];
  return {
    ...received,
    state,
    lines: [...received.lines, ...lines],
    settled: [...received.settled, encodeHex(entry.id)],
  };
}

async function receiveMessage(
  deps: ReceiveDeps,
  received: Received,
  entry: Entry,
  group: MlsGroup,
): Promise<Received> {
  const asked = deps.unavailable();
  const opened = await attempt(() => group.openMessage(entry.body));
  if (deps.unavailable() !== asked) return { ...received, stop: 'put_off' };
  if (!opened.ok) {
    const gap = withGap(received, entry, deps.ownAccount);
    return { ...gap, state: advance(gap.state, entry), alarms: [...gap.alarms, 'entry_refused'] };
  }
  const { sender } = opened;
  const state = advance({ ...received.state, group: opened.group }, entry);
  const decoded = decodePayload(opened.payload);
  const content = decoded.ok ? readContent(decoded.payload.content) : undefined;
  // A member who sends nonsense is no tampering by the relay: a gap, and the others go on.
  if (!decoded.ok || content === undefined) return { ...withGap(received, entry, sender.account), state };
  const agreed = agrees(received.state, decoded.payload.transcript);
  return {
    ...received,
    ...takeContent(deps, received, { entry, sender, content, state }),
    alarms: agreed ? received.alarms : [...received.alarms, 'transcript_mismatch'],
  };
}

/** Whether the sender's running hash is ours at the same place: the promise of one history (design §7). */
function agrees(state: LogState, claim: TranscriptClaim): boolean {
  const { epochStart, cursor, before } = state.record;
  if (claim.seq < epochStart || claim.seq > cursor) return false;
  // A sender who lags past what is kept is held against its next message: the hash runs over all before it.
  return agreesWithTranscript(claim, hashAt(state, claim.seq) ?? claim.hash, before);
}

function takeContent(
  deps: ReceiveDeps,
  received: Received,
  opened: {
    readonly entry: Entry;
    readonly sender: Member;
    readonly content: Content;
    readonly state: LogState;
  },
): Pick<Received, 'state' | 'lines' | 'delivered'> {
  const { entry, sender, content, state } = opened;
  const { lines, delivered } = received;
  const mine = equalBytes(sender.account, deps.ownAccount);
  if (content.kind === 'delivered') {
    const upTo = mine ? 0 : Math.min(content.upTo, entry.seq - 1);
    return { state, lines, delivered: Math.max(delivered, upTo) };
  }
  const record = mine ? state.record : { ...state.record, heardUpTo: entry.seq };
  const line =
    content.kind === 'text'
      ? textLine(state.id, entry, sender.account, content.text)
      : noticeLine(state.id, entry, sender.account, 'sent something that this version cannot show', 0);
  return { state: { ...state, record }, lines: [...lines, line], delivered };
}

function advance(state: LogState, entry: Entry): LogState {
  return withEntry(
    state,
    entry.seq,
    advanceTranscript({ seq: entry.seq - 1, hash: state.record.hash }, entry).hash,
  );
}

/** The log cannot be processed past its cursor any more. */
function breakOff(received: Received, alarm: AlarmKind): Received {
  const { state } = received;
  return {
    ...received,
    state: { ...state, record: { ...state.record, status: 'broken' } },
    alarms: [...received.alarms, alarm],
    stop: 'broken',
  };
}

function withGap(received: Received, entry: Entry, sender: Uint8Array): Received {
  const { id, time, seq } = entry;
  const gap: LineRecord = {
    id: id.slice(),
    kind: 'gap',
    sender,
    text: '',
    time,
    log: received.state.id,
    seq,
  };
  return { ...received, lines: [...received.lines, gap] };
}

function textLine(log: Uint8Array, entry: Entry, sender: Uint8Array, text: string): LineRecord {
  return { id: entry.id.slice(), kind: 'text', sender, text, time: entry.time, log, seq: entry.seq };
}

/** Several notices of one entry have ids of their own, the same on every device. */
export function noticeLine(
  log: Uint8Array,
  entry: Pick<Entry, 'id' | 'time' | 'seq'>,
  sender: Uint8Array,
  text: string,
  place: number,
): LineRecord {
  const id =
    place === 0 ? entry.id.slice() : sha256(Uint8Array.of(...entry.id, place & 0xff)).subarray(0, 16);
  return { id, kind: 'notice', sender, text, time: entry.time, log, seq: entry.seq };
}

/** MLS answers with values; a throw of the authentication service passes through it and is told apart by its counter. */
async function attempt<T extends { readonly ok: boolean }>(
  work: () => Promise<T>,
): Promise<T | { readonly ok: false; readonly reason: MlsRefusal }> {
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof Error && thrown.name === 'AuthenticationUnavailable')
      return { ok: false, reason: 'bad_credential' };
    throw thrown;
  }
}
