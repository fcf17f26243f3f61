import { type AccountId, decodeCbor, encodeCbor } from '@sotto/protocol';
import type { z } from 'zod';
import type { AccountRecordKind, AccountRecordStore } from '../store/account-record-store.ts';
import { StoreError } from '../store/store-error.ts';

/** How one kind of record is written: CBOR of this shape; `empty`, written so, when there is none yet. */
export interface RecordForm<T> {
  readonly kind: AccountRecordKind;
  readonly shape: z.ZodType<T>;
  readonly empty: Uint8Array;
}

/** More than the largest record the shapes allow: twenty passkeys with ids of 1023 bytes. */
const LONGEST = 128 * 1024;
/** Writers that one change may lose to: more at once, for one account, are a storm. */
export const ROUNDS = 20;

/** Version 0: there is none yet. Throws when the record is not of its form: the relay wrote it. */
export async function readRecord<T>(
  records: AccountRecordStore,
  account: AccountId,
  form: RecordForm<T>,
): Promise<{ readonly value: T; readonly version: number }> {
  const record = await records.read(account, form.kind);
  // One that is not there is decoded too: its time does not tell whether an account is.
  const value = form.shape.parse(decodeCbor(record?.bytes ?? form.empty, LONGEST));
  return { value, version: record?.version ?? 0 };
}

export function encodeRecord<T>(shape: z.ZodType<T>, value: T): Uint8Array {
  const bytes = encodeCbor(shape.parse(value));
  if (bytes.length > LONGEST) throw new Error('account record is too long');
  return bytes;
}

/**
 * Changes a record by compare-and-set. `change` may be called several times, each time with what is there now; undefined
 * declines, and nothing is written. Answers what was written.
 */
export async function changeRecord<T, R extends T | undefined>(
  records: AccountRecordStore,
  account: AccountId,
  form: RecordForm<T>,
  change: (value: T) => R,
): Promise<R> {
  for (let round = 0; round < ROUNDS; round++) {
    const { value, version } = await readRecord(records, account, form);
    const changed = change(value);
    if (changed === undefined) return changed;
    const written = await records.write(account, form.kind, encodeRecord<T>(form.shape, changed), version);
    if (written === 'written') return changed;
  }
  // The account is over, or others write without end: neither is this caller's fault.
  throw new StoreError('unavailable');
}
