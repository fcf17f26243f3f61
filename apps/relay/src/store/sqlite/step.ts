import { StoreError } from '../store-error.ts';
import { isStorageFull } from './database.ts';

/** Runs one step of a database; what it wrote is durable when the promise resolves. Rejects with `StoreError`. */
export async function step<T>(work: () => T): Promise<T> {
  try {
    return work();
  } catch (error) {
    throw new StoreError(isStorageFull(error) ? 'storage_full' : 'unavailable', { cause: error });
  }
}
