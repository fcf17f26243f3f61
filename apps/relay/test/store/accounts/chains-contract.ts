import { expect, it } from 'vitest';
import { freshStores, type OpenAccountStores } from './fresh-stores.ts';
import { ALICE, accountOf, bytes, deviceOf, nextStatement, sessionIdOf, sessionOf } from './values.ts';

export function testChains(open: OpenAccountStores): void {
  const stores = freshStores(open);

  it('[HTTP8] appends a statement only right behind the last one', async () => {
    const { accounts, chains } = stores();
    await accounts.create(ALICE, 0);
    expect(await chains.append(nextStatement({ seq: 2 }))).toEqual({ outcome: 'conflict' });
    const [first, second] = await Promise.all([
      chains.append(nextStatement()),
      chains.append(nextStatement({ state: bytes(9, 60) })),
    ]);
    expect([first.outcome, second.outcome].sort()).toEqual(['appended', 'conflict']);
    expect(await chains.readStatements(ALICE.account, 1)).toEqual([nextStatement().statement]);
    expect(await chains.readState(ALICE.account)).toEqual(
      first.outcome === 'appended' ? bytes(8, 60) : bytes(9, 60),
    );
    const unknown = nextStatement({ account: accountOf(9), seq: 0 });
    expect(await chains.append(unknown)).toEqual({ outcome: 'conflict' });
    expect(await chains.readStatements(accountOf(9), 0)).toBeUndefined();
  });

  it('[AUTH12] ends the sessions of a device in the step that revokes it, and drops its KeyPackages', async () => {
    const { accounts, chains, keyPackages, sessions } = stores();
    await accounts.create(ALICE, 0);
    const { account } = ALICE;
    await sessions.open(sessionOf(2));
    const upload = { account, device: deviceOf(1), oneTime: [bytes(5)], lastResort: bytes(6) };
    await keyPackages.publish(upload);
    expect(await chains.append(nextStatement({ revoked: [deviceOf(1)] }))).toEqual({
      outcome: 'appended',
      endedSessions: [ALICE.session.id],
    });
    expect(await sessions.isOpen(ALICE.session.id, 0)).toBe(false);
    expect(await sessions.isOpen(sessionIdOf(2), 0)).toBe(true);
    expect(await keyPackages.count(account, deviceOf(1))).toEqual({ left: 0, lastResort: false });
  });
}
