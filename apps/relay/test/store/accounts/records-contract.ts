import { expect, it } from 'vitest';
import { freshStores, type OpenAccountStores } from './fresh-stores.ts';
import { ALICE, bytes } from './values.ts';

export function testRecords(open: OpenAccountStores): void {
  const stores = freshStores(open);
  const { account } = ALICE;

  it('[STORE24] a record takes the place of the version it was made from, and of no other', async () => {
    const { accounts, records } = stores();
    await accounts.create(ALICE, 0);
    expect(await records.read(account, 'proofs')).toBeUndefined();
    expect(await records.write(account, 'proofs', bytes(1, 5), 1)).toBe('conflict');
    expect(await records.write(account, 'proofs', bytes(1, 5), 0)).toBe('written');
    expect(await records.write(account, 'proofs', bytes(2, 5), 0)).toBe('conflict');
    expect(await records.write(account, 'proofs', bytes(3, 5), 1)).toBe('written');
    expect(await records.read(account, 'proofs')).toEqual({ bytes: bytes(3, 5), version: 2 });
    expect(await records.read(account, 'activity')).toBeUndefined();
    expect(await records.write(account, 'activity', bytes(4, 5), 0)).toBe('written');
    expect(await records.read(account, 'proofs')).toEqual({ bytes: bytes(3, 5), version: 2 });
  });

  it('[STORE24] of many writers at once one is taken for each version, and none is lost', async () => {
    const { accounts, records } = stores();
    await accounts.create(ALICE, 0);
    /** Adds its own byte, and starts again from what another one wrote. */
    const add = async (own: number): Promise<void> => {
      for (;;) {
        const before = await records.read(account, 'activity');
        const next = Uint8Array.from([...(before?.bytes ?? []), own]);
        if ((await records.write(account, 'activity', next, before?.version ?? 0)) === 'written') return;
      }
    };
    await Promise.all(Array.from({ length: 12 }, (_, i) => add(i)));
    const end = await records.read(account, 'activity');
    expect(end?.version).toBe(12);
    expect([...(end?.bytes ?? [])].sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, i) => i));
  });
}
