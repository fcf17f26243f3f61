import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { AckOf } from '@sotto/protocol';
import type { Client, Somebody } from './people.ts';
import { fingerprint, hex, sha256, type Thread, today } from './thread.ts';

/** What a client wants in the log, until it is told where it stands. A retry sends the same bytes. */
interface Wish {
  readonly id: Buffer;
  readonly body: Buffer;
  readonly isCommit: boolean;
  readonly epoch: number;
  /** The newest position that anybody had been told of when it was first sent: it must come to stand behind that. */
  readonly behind: number;
  /** When a connection first went before the answer. */
  lostAt?: number;
}

/** Of an entry that was acknowledged. */
export interface Told {
  readonly seq: number;
  readonly time: number;
  readonly id: string;
  readonly fingerprint: string;
  readonly isCommit: boolean;
  readonly behind: number;
  /** Which writer it is of: each waits for an ack before its next. */
  readonly lane: number;
  readonly toldAt: number;
  /** When a connection went before the answer, which was given to a retry. */
  readonly lostAt: number | undefined;
}

/** What all writers of a log know together. */
export interface Ledger {
  readonly thread: Thread;
  readonly told: Told[];
  /** Ids that were asked for and never acknowledged. */
  readonly open: Map<number, Wish>;
  sends: number;
  epoch: number;
  newest: number;
  /** Refusals by code. */
  readonly refusals: Map<string, number>;
  /** Lets writers finish what they wait for, and no more. */
  isOver: boolean;
  onTold: () => void;
}

export function createLedger(thread: Thread): Ledger {
  const empty = { told: [], open: new Map(), refusals: new Map(), onTold: () => {} };
  return { thread, sends: 0, epoch: 0, newest: 0, isOver: false, ...empty };
}

export interface WriterOptions {
  readonly client: Client;
  readonly ledger: Ledger;
  readonly lane: number;
  /** Who gets a Welcome with each commit. */
  readonly invited: Somebody;
  /** Part of what is written that is a commit. */
  readonly commits: number;
  /** Bytes of each. */
  readonly body: number;
  /** Until there is nobody to write to any more. */
  readonly isLeft: () => boolean;
}

const RETRY_MS = 30;

/** Appends one after the other, each until it is acknowledged, until the ledger is over. */
export async function write(options: WriterOptions): Promise<void> {
  const { ledger, lane, body, isLeft } = options;
  while (!(isLeft() || (ledger.isOver && !ledger.open.has(lane)))) {
    const wish = ledger.open.get(lane) ?? newWish(ledger, Math.random() < options.commits, body);
    ledger.open.set(lane, wish);
    ledger.sends += 1;
    const answer = await send(options, wish);
    if (answer !== undefined) await takeAnswer(options, wish, answer);
    else wish.lostAt ??= Date.now();
  }
}

async function takeAnswer(
  { ledger, lane, body }: WriterOptions,
  wish: Wish,
  answer: AckOf<'log:append'>,
): Promise<void> {
  if (answer.ok) {
    const { seq, time } = answer;
    const kind = wish.isCommit ? 'commit' : 'message';
    const said = fingerprint({ ...wish, seq, time, kind });
    const { isCommit, behind, lostAt } = wish;
    const place = { seq, time, id: hex(wish.id), fingerprint: said, isCommit, behind };
    ledger.told.push({ ...place, lane, toldAt: Date.now(), lostAt });
    ledger.newest = Math.max(ledger.newest, seq);
    if (isCommit) ledger.epoch = Math.max(ledger.epoch, wish.epoch + 1);
    ledger.open.delete(lane);
    ledger.onTold();
    return;
  }
  ledger.refusals.set(answer.code, (ledger.refusals.get(answer.code) ?? 0) + 1);
  if (answer.code === 'epoch_moved') {
    // Sealed again for the epoch that is: other bytes, so another id.
    ledger.epoch = Math.max(ledger.epoch, answer.head?.epoch ?? 0);
    const moved = { ...newWish(ledger, false, body), epoch: Math.max(ledger.epoch, wish.epoch + 1) };
    if (ledger.isOver) ledger.open.delete(lane);
    else ledger.open.set(lane, moved);
    return;
  }
  await pause(answer.retryAfter === undefined ? RETRY_MS : answer.retryAfter * 1000);
}

function newWish({ epoch, newest }: Ledger, isCommit: boolean, body: number): Wish {
  return { id: randomBytes(16), body: randomBytes(body), isCommit, epoch, behind: newest };
}

function send(
  { client, ledger, invited }: WriterOptions,
  wish: Wish,
): Promise<AckOf<'log:append'> | undefined> {
  const { log, tokenOf } = ledger.thread;
  const { id, body, epoch } = wish;
  const entry = { log, token: tokenOf(epoch), id, epoch, body };
  if (!wish.isCommit) return client.ask('log:append', entry);
  const device = { account: Buffer.from(invited.account), device: Buffer.from(invited.device) };
  const welcomes = [{ ...device, expiryDay: today() + 30, body: id }];
  return client.ask('log:commit', { ...entry, nextTokenHash: sha256(tokenOf(epoch + 1)), welcomes });
}

/** Opens the log; a retry after a kill finds it there. */
export async function createLog(client: Client, { log, tokenOf }: Thread): Promise<void> {
  for (;;) {
    const answer = await client.ask('log:create', { log, tokenHash: sha256(tokenOf(0)) });
    if (answer?.ok || answer?.code === 'log_exists') return;
    if (answer !== undefined && answer.code !== 'unavailable') throw new Error(answer.code);
  }
}
