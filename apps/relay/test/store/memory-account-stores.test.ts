import { expect, it } from 'vitest';
import { createMemoryAccountStores } from '../../src/store/memory/account-stores.ts';
import { createMemoryCounters } from '../../src/store/memory/counters.ts';
import { describeAccountStores } from './accounts/account-stores-contract.ts';

describeAccountStores({
  name: 'memory',
  open: async () => ({ stores: createMemoryAccountStores(), close: async () => {} }),
  countsExactly: true,
});

it('[STORE28] of more keys than it may hold the one that grew longest ago is forgotten', async () => {
  const counters = createMemoryCounters(2);
  for (const key of ['alice', 'bob', 'alice', 'carol']) await counters.add(key, 10, 0);
  expect(await counters.read('bob', 0)).toMatchObject({ count: 0 });
  expect(await counters.read('alice', 0)).toMatchObject({ count: 2 });
  expect(await counters.read('carol', 0)).toMatchObject({ count: 1 });
});
