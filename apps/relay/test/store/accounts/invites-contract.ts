import { expect, it } from 'vitest';
import { freshStores, type OpenAccountStores } from './fresh-stores.ts';
import { ALICE, bytes, newAccount } from './values.ts';

export function testInvites(open: OpenAccountStores): void {
  const stores = freshStores(open);
  const hash = bytes(90, 32);
  const invite = { hash, uses: 2, createdAt: 0, expiresAt: 1000 };

  it('[STORE27] lets in as many as it has uses, until its time', async () => {
    const { accounts, invites } = stores();
    await invites.create(invite);
    await invites.create({ ...invite, hash: bytes(91, 32), createdAt: 5, uses: 1 });
    expect(await invites.isOpen(hash, 999)).toBe(true);
    expect(await invites.isOpen(hash, 1000)).toBe(false);
    expect(await invites.isOpen(bytes(92, 32), 0)).toBe(false);
    expect(await accounts.create({ ...ALICE, invite: hash }, 1000)).toBe('invite_invalid');
    expect(await accounts.create({ ...ALICE, invite: bytes(92, 32) }, 0)).toBe('invite_invalid');
    expect(await accounts.findByName(ALICE.username)).toBeUndefined();
    expect(await accounts.create({ ...ALICE, invite: hash }, 999)).toBe('created');
    expect(await accounts.create(newAccount('bob', 2, { invite: hash }), 999)).toBe('created');
    expect(await invites.isOpen(hash, 999)).toBe(false);
    expect(await accounts.create(newAccount('carol', 3, { invite: hash }), 999)).toBe('invite_invalid');
    expect(await invites.list(999)).toEqual([
      { ...invite, used: 2 },
      { ...invite, hash: bytes(91, 32), createdAt: 5, uses: 1, used: 0 },
    ]);
    expect(await invites.list(1000)).toEqual([]);
  });

  it('[STORE27] of two that come at once with its one use one gets in', async () => {
    const { accounts, invites } = stores();
    await invites.create({ ...invite, uses: 1 });
    const rivals = [{ ...ALICE, invite: hash }, newAccount('bob', 2, { invite: hash })];
    const outcomes = await Promise.all(rivals.map((rival) => accounts.create(rival, 0)));
    expect([...outcomes].sort()).toEqual(['created', 'invite_invalid']);
    expect(await accounts.list({ prefix: '', after: '', limit: 9 })).toHaveLength(1);
  });

  it('[STORE27] of many at once every use lets one in', async () => {
    const { accounts, invites } = stores();
    await invites.create({ ...invite, uses: 4 });
    const rivals = Array.from({ length: 8 }, (_, i) => newAccount(`bob${i}`, i + 1, { invite: hash }));
    const outcomes = await Promise.all(rivals.map((rival) => accounts.create(rival, 0)));
    expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(4);
  });

  it('[STORE27] who gets no account takes no use; a bad invitation does not tell whether a name is taken', async () => {
    const { accounts, invites } = stores();
    await invites.create({ ...invite, uses: 1 });
    await accounts.create(ALICE, 0);
    expect(await accounts.create(newAccount('alice', 2, { invite: hash }), 0)).toBe('username_taken');
    expect(await accounts.create(newAccount('bob', 1, { invite: hash }), 0)).toBe('account_taken');
    expect(await accounts.create(newAccount('alice', 2, { invite: bytes(1, 32) }), 0)).toBe('invite_invalid');
    expect(await accounts.create(newAccount('bob', 2, { invite: hash }), 0)).toBe('created');
  });

  it('[STORE27] is swept after its time, and not before', async () => {
    const { accounts, invites } = stores();
    await invites.create(invite);
    await accounts.create({ ...ALICE, invite: hash }, 0);
    await invites.sweep(999);
    expect(await invites.list(0)).toEqual([{ ...invite, used: 1 }]);
    // Nodes whose clocks differ may know it for another hour.
    await invites.sweep(1000 + 3_600_000);
    expect(await invites.list(0)).toEqual([]);
    expect(await accounts.findByName(ALICE.username)).toBeDefined();
  });
}
