import type { AccountStores } from './account-stores.ts';

/** Drops what is past its time. For the start and every hour; nodes that share a store may do so at once. */
export async function sweepAccountStores(stores: AccountStores, now: number): Promise<void> {
  await stores.sessions.sweep(now);
  await stores.codes.sweep(now);
  await stores.mail.sweep(now);
  await stores.invites.sweep(now);
  await stores.counters.sweep(now);
}
