import { expect, it } from 'vitest';
import { freshStores, type OpenAccountStores } from './fresh-stores.ts';
import { ALICE, accountOf, bytes, nameOf, newAccount, sessionIdOf, sessionOf } from './values.ts';

export function testAccounts(open: OpenAccountStores): void {
  const stores = freshStores(open);

  it('[AUTH2] creates an account, its chain, its first record and its session together', async () => {
    const { accounts, chains, records, sessions } = stores();
    expect(await accounts.create({ ...ALICE, proofs: bytes(40, 9) }, 0)).toBe('created');
    const { username, account, opaqueRecord, vault } = ALICE;
    const alice = { username, account, opaqueRecord, vault, vaultVersion: 0, recoveryHash: undefined };
    expect(await accounts.findByName(username)).toEqual(alice);
    expect(await accounts.find(account)).toEqual(alice);
    expect(await accounts.findName(account)).toBe('alice');
    expect(await chains.readStatements(account, 0)).toEqual([ALICE.statement]);
    expect(await chains.readState(account)).toEqual(ALICE.chainState);
    expect(await records.read(account, 'proofs')).toEqual({ bytes: bytes(40, 9), version: 1 });
    expect(await records.read(account, 'activity')).toBeUndefined();
    expect(await sessions.isOpen(ALICE.session.id, 999)).toBe(true);
  });

  it('[AUTH2] refuses a taken name and a taken account id, and writes nothing then', async () => {
    const { accounts, chains, records, sessions } = stores();
    await accounts.create(ALICE, 0);
    const sameName = newAccount('alice', 2, { proofs: bytes(40) });
    expect(await accounts.create(sameName, 0)).toBe('username_taken');
    expect(await accounts.findName(sameName.account)).toBeUndefined();
    expect(await accounts.find(sameName.account)).toBeUndefined();
    expect(await chains.readState(sameName.account)).toBeUndefined();
    expect(await records.read(sameName.account, 'proofs')).toBeUndefined();
    expect(await sessions.isOpen(sameName.session.id, 0)).toBe(false);
    const sameId = newAccount('bob', 1, { session: sessionOf(3) });
    expect(await accounts.create(sameId, 0)).toBe('account_taken');
    expect(await accounts.findByName(nameOf('bob'))).toBeUndefined();
    expect(await sessions.isOpen(sessionIdOf(3), 0)).toBe(false);
  });

  it('[AUTH2] of two that want one name at once one gets it', async () => {
    const { accounts, sessions } = stores();
    const rivals = [newAccount('alice', 1), newAccount('alice', 2)];
    const outcomes = await Promise.all(rivals.map((rival) => accounts.create(rival, 0)));
    expect([...outcomes].sort()).toEqual(['created', 'username_taken']);
    const loser = rivals[outcomes.indexOf('username_taken')];
    expect(await accounts.findName(accountOf(loser === rivals[0] ? 1 : 2))).toBeUndefined();
    expect(await sessions.isOpen(loser?.session.id ?? sessionIdOf(9), 0)).toBe(false);
  });

  it('[HTTP7] lists names by prefix, in byte order, a page at a time', async () => {
    const { accounts } = stores();
    const names = ['bob', 'al', 'alice', 'al_2', 'alz', 'carol'];
    for (const [i, name] of names.entries()) await accounts.create(newAccount(name, i + 1), 0);
    const list = async (prefix: string, after: string, limit: number) =>
      (await accounts.list({ prefix, after, limit })).map((user) => user.username);
    expect(await list('', '', 10)).toEqual(['al', 'al_2', 'alice', 'alz', 'bob', 'carol']);
    expect(await list('al', '', 2)).toEqual(['al', 'al_2']);
    expect(await list('al', 'al_2', 10)).toEqual(['alice', 'alz']);
    await stores().credentials.erase(accountOf(3));
    expect(await list('al', '', 3)).toEqual(['al', 'al_2', 'alz']);
  });
}
