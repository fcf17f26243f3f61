import { hash } from 'node:crypto';
import {
  type AccessToken,
  type AccountId,
  type DeviceId,
  type Entry,
  encodeRun,
  entrySize,
  LIMITS,
  type LogHead,
  type LogId,
  type Refusal,
  type RequestOf,
} from '@sotto/protocol';
import type { Clock } from '../clock.ts';
import { dayOf } from '../store/log-rules.ts';
import type { EntriesRead, LogStore, ReadEntries, Refused, StoredEntry } from '../store/log-store.ts';
import type { DailyQuotas } from './daily-quotas.ts';
import type { FanOut, Follower } from './fan-out.ts';
import type { Caller, Handlers } from './handlers.ts';
import { type Announcing, announceItem, judgeDeliveries } from './inbox-requests.ts';
import type { Peer } from './session.ts';

export interface LogRequestsDeps extends Announcing {
  readonly logs: LogStore;
  readonly clock: Clock;
  readonly fanOut: FanOut;
  readonly quotas: DailyQuotas;
  readonly knowsDevice: (account: AccountId, device: DeviceId) => Promise<boolean>;
}

type LogHandlers = Pick<Handlers, Extract<keyof Handlers, `log:${string}`>>;

export function createLogRequests(deps: LogRequestsDeps): LogHandlers {
  const { logs, clock, fanOut } = deps;
  return {
    async 'log:create'({ log, tokenHash, entryDays }, { session }) {
      const refusal = await deps.quotas.takeLog(session.account);
      if (refusal !== undefined) return refusal;
      const days = entryDays ?? LIMITS.entryDaysDefault;
      const outcome = await logs.createLog({ log, tokenHash, entryDays: days });
      return outcome.ok ? { ok: true } : outcome;
    },
    async 'log:append'({ log, token, id, epoch, body }, { peer }) {
      const now = clock();
      const outcome = await logs.appendMessage({ log, shownHash: hashToken(token), id, epoch, body, now });
      if (!outcome.ok) return outcome;
      const { seq, time, again } = outcome;
      announceEntry(deps, log, { seq, time, id, epoch, kind: 'message', body }, again ? 'again' : peer);
      return { ok: true, seq, time };
    },
    'log:commit': (request, caller) => commit(deps, request, caller),
    async 'log:read'({ token, ...request }) {
      const outcome = await logs.readEntries({ ...request, shownHash: hashToken(token) });
      return outcome.ok ? runOf(outcome) : outcome;
    },
    async 'log:subscribe'({ token, ...request }, { subscriptions }) {
      const { log, epoch } = request;
      const followed = { log, epoch, shownHash: hashToken(token) };
      const follower = subscriptions.start(followed);
      if (follower === undefined) return { ok: false, code: 'quota_exceeded' };
      const outcome = await catchUp(
        logs,
        { ...followed, after: request.after, limit: LIMITS.runEntries },
        follower,
      );
      // An epoch that ended has nothing to follow: the head tells.
      if (!outcome.ok || outcome.head.epoch !== epoch) subscriptions.stop(log, follower);
      else fanOut.begin(followed, outcome.head.seq);
      return outcome.ok ? runOf(outcome) : outcome;
    },
    async 'log:unsubscribe'({ log }, { subscriptions }) {
      subscriptions.stop(log);
      return { ok: true };
    },
  };
}

async function commit(
  deps: LogRequestsDeps,
  request: RequestOf<'log:commit'>,
  { peer, session }: Caller,
): ReturnType<LogHandlers['log:commit']> {
  const { log, token, id, epoch, body, nextTokenHash, welcomes } = request;
  const now = deps.clock();
  const refusal = await judgeDeliveries(welcomes, dayOf(now), session.account, deps);
  if (refusal !== undefined) return refusal;
  const shownHash = hashToken(token);
  const outcome = await deps.logs.appendCommit({
    log,
    shownHash,
    id,
    epoch,
    body,
    now,
    nextTokenHash,
    deliveries: welcomes,
  });
  if (!outcome.ok) return outcome;
  const { seq, time, again, delivered } = outcome;
  announceEntry(deps, log, { seq, time, id, epoch, kind: 'commit', body }, again ? 'again' : peer);
  // A commit that stood there before says no more where its Welcomes lie: whoever finished it told, or they are found.
  for (const [place, seqInInbox] of delivered.entries()) {
    const welcome = welcomes[place];
    if (welcome !== undefined) announceItem(deps, welcome, seqInInbox);
  }
  return { ok: true, seq, time };
}

/** To who follows the log here and elsewhere. `again`: it stood there before, and may have been told of. */
function announceEntry(
  { fanOut, tellOthers }: LogRequestsDeps,
  log: LogId,
  entry: Entry,
  from: Peer | 'again',
): void {
  const { seq } = entry;
  if (from === 'again') fanOut.hear(log, seq);
  else fanOut.publish(log, [entry], from);
  tellOthers({ kind: 'log', log, seq, entries: from === 'again' ? [] : [entry] });
}

/** Times that a subscriber is read what came in between, before it has to read on by itself. */
const CATCH_UP_ROUNDS = 3;

/**
 * What a new follower missed, without a gap to what it will be sent: entries that arrive during the reading are read too.
 * When they come faster than that, the follower sees the gap and reads.
 */
async function catchUp(
  logs: LogStore,
  request: ReadEntries,
  follower: Follower,
): Promise<EntriesRead | Refusal | Refused<'log_unknown' | 'token_refused'>> {
  const entries: StoredEntry[] = [];
  let head: LogHead = { epoch: request.epoch, seq: request.after };
  for (let round = 0; round < CATCH_UP_ROUNDS; round++) {
    follower.missed = false;
    const after = entries.at(-1)?.seq ?? request.after;
    const limit = LIMITS.runEntries - entries.length;
    const outcome = await logs.readEntries({ ...request, after, limit });
    if (!outcome.ok) return outcome;
    head = outcome.head;
    const isFull = fillRun(entries, outcome.entries);
    if (isFull || !follower.missed) break;
  }
  // Its frames are over, so nothing but the head would tell a gap.
  if (follower.ended) {
    const outcome = await logs.readEntries({ ...request, after: head.seq, limit: 1 });
    if (!outcome.ok) return outcome;
    head = outcome.head;
  }
  follower.waiting = false;
  // What the answer holds may still be on its way out as a frame.
  follower.told = entries.at(-1)?.seq ?? request.after;
  return { ok: true, entries, head };
}

/** Adds as many as one run holds; true when it is full. */
function fillRun(run: StoredEntry[], entries: readonly StoredEntry[]): boolean {
  let size = run.reduce((sum, entry) => sum + entrySize(entry), 0);
  for (const entry of entries) {
    if (size >= LIMITS.run) break;
    run.push(entry);
    size += entrySize(entry);
  }
  return size >= LIMITS.run || run.length >= LIMITS.runEntries;
}

function runOf({ entries, head }: EntriesRead) {
  return { ok: true, run: encodeRun(entries), head } as const;
}

function hashToken(token: AccessToken): Uint8Array {
  return hash('sha256', token, 'buffer');
}
