import type { EntryId, LogId } from '@sotto/protocol';
import type { Appended, AppendMessage, AppendRefused } from '../log-store.ts';
import type { Operation, Outcome } from './operations.ts';

/**
 * Batches as they cross between the threads. Messages, the one operation that comes by the ten thousand, travel packed in
 * one transferred buffer; cloning them one by one cost more than storing them. The rest is cloned as it is.
 */
export interface BatchFrame {
  readonly packed: Uint8Array<ArrayBuffer>;
  /** Operations that are not messages, each with its place in the batch. */
  readonly others: readonly { readonly at: number; readonly operation: Operation }[];
  readonly count: number;
}

export interface OutcomeFrame {
  /** Five numbers for each message: place in VERDICTS, seq, time, and the head's epoch and seq. */
  readonly numbers: Float64Array<ArrayBuffer>;
  readonly others: readonly { readonly at: number; readonly outcome: Outcome }[];
  readonly count: number;
}

/** log[32]; shown hash[32]; id[16]; f64 epoch; f64 now; u32 length; body. Big-endian. */
const HEADER = 100;

export function packBatch(operations: readonly Operation[]): BatchFrame {
  let size = 0;
  for (const operation of operations) {
    if (operation.name === 'message') size += HEADER + operation.request.body.length;
  }
  const packed = new Uint8Array(size);
  const view = new DataView(packed.buffer);
  const others: { at: number; operation: Operation }[] = [];
  let at = 0;
  for (const [place, operation] of operations.entries()) {
    if (operation.name === 'message') at = writeMessage(packed, view, at, operation.request);
    else others.push({ at: place, operation });
  }
  return { packed, others, count: operations.length };
}

function writeMessage(packed: Uint8Array, view: DataView, at: number, request: AppendMessage): number {
  packed.set(request.log, at);
  packed.set(request.shownHash, at + 32);
  packed.set(request.id, at + 64);
  view.setFloat64(at + 80, request.epoch);
  view.setFloat64(at + 88, request.now);
  view.setUint32(at + 96, request.body.length);
  packed.set(request.body, at + HEADER);
  return at + HEADER + request.body.length;
}

/** Bytes of the messages are views into the frame. */
export function unpackBatch({ packed, others, count }: BatchFrame): Operation[] {
  const view = new DataView(packed.buffer);
  const operations: Operation[] = [];
  let at = 0;
  let other = 0;
  while (operations.length < count) {
    const next = others[other];
    if (next?.at === operations.length) {
      operations.push(next.operation);
      other += 1;
      continue;
    }
    const end = at + HEADER + view.getUint32(at + 96);
    const request = {
      log: packed.subarray(at, at + 32) as LogId,
      shownHash: packed.subarray(at + 32, at + 64),
      id: packed.subarray(at + 64, at + 80) as EntryId,
      epoch: view.getFloat64(at + 80),
      now: view.getFloat64(at + 88),
      body: packed.subarray(at + HEADER, end),
    };
    operations.push({ name: 'message', request });
    at = end;
  }
  return operations;
}

const VERDICTS = [
  'placed',
  'again',
  'log_unknown',
  'token_refused',
  'id_conflict',
  'epoch_moved',
  'storage_full',
  'unavailable',
] as const;

export function packOutcomes(operations: readonly Operation[], outcomes: readonly Outcome[]): OutcomeFrame {
  const others: { at: number; outcome: Outcome }[] = [];
  const numbers = new Float64Array(5 * operations.length);
  let at = 0;
  for (const [place, outcome] of outcomes.entries()) {
    if (operations[place]?.name !== 'message') {
      others.push({ at: place, outcome });
      continue;
    }
    writeVerdict(numbers, at, outcome as Appended | AppendRefused);
    at += 5;
  }
  return { numbers, others, count: operations.length };
}

function writeVerdict(numbers: Float64Array, at: number, outcome: Appended | AppendRefused): void {
  if (outcome.ok) {
    numbers[at] = outcome.again ? 1 : 0;
    numbers[at + 1] = outcome.seq;
    numbers[at + 2] = outcome.time;
    return;
  }
  numbers[at] = VERDICTS.indexOf(outcome.code);
  if (outcome.code !== 'epoch_moved') return;
  numbers[at + 3] = outcome.head.epoch;
  numbers[at + 4] = outcome.head.seq;
}

export function unpackOutcomes({ numbers, others, count }: OutcomeFrame): Outcome[] {
  const outcomes: Outcome[] = [];
  let at = 0;
  let other = 0;
  while (outcomes.length < count) {
    const next = others[other];
    if (next?.at === outcomes.length) {
      outcomes.push(next.outcome);
      other += 1;
      continue;
    }
    outcomes.push(readVerdict(numbers, at));
    at += 5;
  }
  return outcomes;
}

const NONE: readonly number[] = [];

function readVerdict(numbers: Float64Array, at: number): Appended | AppendRefused {
  const [verdict = 0, seq = 0, time = 0, headEpoch = 0, headSeq = 0] = numbers.subarray(at, at + 5);
  const code = VERDICTS[verdict] ?? 'unavailable';
  if (code === 'placed' || code === 'again') {
    return { ok: true, seq, time, again: code === 'again', delivered: NONE };
  }
  if (code === 'epoch_moved') return { ok: false, code, head: { epoch: headEpoch, seq: headSeq } };
  return { ok: false, code };
}
