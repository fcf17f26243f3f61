import { MongoBulkWriteError, MongoParseError, MongoServerError, MongoServerSelectionError } from 'mongodb';
import { StoreError } from '../store-error.ts';
import { inTime } from './deadline.ts';

const DUPLICATE_KEY = 11_000;
const OUT_OF_DISK_SPACE = 14_031;

/**
 * Whether the write failed because its key, or another unique one of its document, stands there already, and for nothing
 * else: documents before it are as durable as was asked.
 */
export function isDuplicate(error: unknown): boolean {
  if (!(error instanceof MongoServerError) || error.code !== DUPLICATE_KEY) return false;
  return !(error instanceof MongoBulkWriteError) || error.result.getWriteConcernError() === undefined;
}

/** Documents at the start of an ordered insert that were written before one met its key. */
export function countInserted(error: unknown): number {
  return error instanceof MongoBulkWriteError ? error.insertedCount : 0;
}

/** `storage_full` when the server said so itself; everything else leaves open what was written. */
export function storageCode(error: unknown): StoreError['code'] {
  if (!(error instanceof MongoServerError)) return 'unavailable';
  const full = error.code === OUT_OF_DISK_SPACE || /disk is full|no space left/i.test(error.message);
  return full ? 'storage_full' : 'unavailable';
}

/** Runs one step of an account store, which ends in time. Rejects with `StoreError`. */
export function step<T>(work: () => Promise<T>): Promise<T> {
  return sweepStep(() => inTime(work()));
}

/** The same for one that takes as long as there is something to be done. */
export async function sweepStep<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new StoreError(storageCode(error), { cause: error });
  }
}

/** Inserts under a unique key. False when it stands there already. */
export async function inserted(insertion: Promise<unknown>): Promise<boolean> {
  try {
    await insertion;
    return true;
  } catch (error) {
    if (isDuplicate(error)) return false;
    throw error;
  }
}

const REFUSED = [13, 18];

/** Why there is no database at start: one line, with nothing of the address in it. */
export function explainFailedStart(error: unknown): string {
  if (error instanceof MongoParseError) return 'this is no address that the driver reads';
  if (error instanceof MongoServerSelectionError) return 'no primary answers there';
  if (error instanceof MongoServerError && REFUSED.includes(Number(error.code)))
    return 'the database refuses this user';
  return 'the database is not usable';
}
