import { afterEach, beforeEach } from 'vitest';
import type { AccountStores } from '../../../src/store/account-stores.ts';

/** Empty stores of one driver, and how to let go of them. */
export type OpenAccountStores = () => Promise<{ readonly stores: AccountStores; close(): Promise<void> }>;

/** Fresh stores for each test of a suite. */
export function freshStores(open: OpenAccountStores): () => AccountStores {
  let opened: Awaited<ReturnType<OpenAccountStores>>;
  beforeEach(async () => {
    opened = await open();
  });
  afterEach(() => opened.close());
  return () => opened.stores;
}
