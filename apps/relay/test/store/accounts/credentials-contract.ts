import { expect, it } from 'vitest';
import type { CredentialsChanged } from '../../../src/store/credential-store.ts';
import { freshStores, type OpenAccountStores } from './fresh-stores.ts';
import {
  ALICE,
  accountOf,
  bytes,
  deviceOf,
  newPassword,
  nextStatement,
  sessionIdOf,
  sessionOf,
} from './values.ts';

export function testCredentials(open: OpenAccountStores): void {
  const stores = freshStores(open);
  /** Alice is signed in on three devices: sessions 1 (with her account), 2 and 3. */
  const signUp = async () => {
    await stores().accounts.create(ALICE, 0);
    for (const fill of [2, 3]) await stores().sessions.open(sessionOf(fill));
  };
  const openOnes = async (now = 0) =>
    (await stores().sessions.list(ALICE.account, now)).map((session) => session.id[0]).sort();

  it('[STORE21] takes a new password and vault in the place of the ones it was made for', async () => {
    await signUp();
    const { accounts, credentials } = stores();
    const recoveryHash = bytes(30, 32);
    const change = newPassword({ recoveryHash });
    expect(await credentials.change(change)).toEqual({ outcome: 'changed', endedSessions: [] });
    const { username, account } = ALICE;
    const { opaqueRecord, vault } = change;
    const changed = { username, account, opaqueRecord, vault, vaultVersion: 1, recoveryHash };
    expect(await accounts.find(account)).toEqual(changed);
    expect(await accounts.findByName(username)).toEqual(changed);
    const vaultAlone = newPassword({ opaqueRecord: undefined, vault: bytes(31, 50), after: 1 });
    expect(await credentials.change(vaultAlone)).toMatchObject({ outcome: 'changed' });
    expect(await accounts.find(account)).toEqual({
      ...changed,
      vault: bytes(31, 50),
      vaultVersion: 2,
      recoveryHash: undefined,
    });
    expect(await openOnes()).toEqual([1, 2, 3]);
  });

  it('[STORE21] ends the sessions it is told to, and opens one', async () => {
    await signUp();
    const { credentials, sessions } = stores();
    const own = newPassword({ endSessions: { allBut: sessionIdOf(2) } });
    const first = await credentials.change(own);
    expect(endedBy(first)).toEqual([1, 3]);
    expect(await openOnes()).toEqual([2]);
    const session = sessionOf(4, { device: deviceOf(2) });
    const forgotten = newPassword({ after: 1, endSessions: { allBut: undefined }, session });
    expect(endedBy(await credentials.change(forgotten))).toEqual([2]);
    expect(await openOnes()).toEqual([4]);
    expect(await sessions.confirm(session.id, session.refreshHash, 0)).toBe(true);
  });

  it('[STORE21] a statement goes with it: its devices lose sessions and KeyPackages', async () => {
    await signUp();
    const { chains, credentials, keyPackages } = stores();
    const upload = { account: ALICE.account, device: deviceOf(2), oneTime: [bytes(5)], lastResort: bytes(6) };
    await keyPackages.publish(upload);
    const statement = nextStatement({ revoked: [deviceOf(1), deviceOf(2)] });
    const reset = newPassword({ statement, session: sessionOf(4) });
    expect(endedBy(await credentials.change(reset))).toEqual([1, 2]);
    expect(await openOnes()).toEqual([3, 4]);
    expect(await chains.readStatements(ALICE.account, 1)).toEqual([statement.statement]);
    expect(await chains.readState(ALICE.account)).toEqual(statement.state);
    expect(await keyPackages.count(ALICE.account, deviceOf(2))).toEqual({ left: 0, lastResort: false });
  });

  it.each([
    ['the vault moved on', 'vault_conflict', { after: 1 }],
    ['the account is unknown', 'vault_conflict', { account: accountOf(9) }],
    [
      'the chain moved on',
      'chain_conflict',
      { statement: nextStatement({ seq: 2, revoked: [deviceOf(1)] }) },
    ],
  ])('[STORE21] writes nothing when %s', async (_when, outcome, changes) => {
    await signUp();
    const { accounts, chains, credentials } = stores();
    const before = await accounts.find(ALICE.account);
    const change = { endSessions: { allBut: undefined }, session: sessionOf(4), ...changes };
    expect(await credentials.change(newPassword(change))).toEqual({ outcome });
    expect(await accounts.find(ALICE.account)).toEqual(before);
    expect(await chains.readStatements(ALICE.account, 1)).toEqual([]);
    expect(await openOnes()).toEqual([1, 2, 3]);
  });

  it('[STORE21] of two that come at once one is taken, whatever they bring', async () => {
    await signUp();
    const { accounts, chains, credentials } = stores();
    const rivals = [
      newPassword({ vault: bytes(41, 40), statement: nextStatement({ statement: bytes(42, 50) }) }),
      newPassword({ vault: bytes(51, 40), statement: nextStatement({ statement: bytes(52, 50) }) }),
      newPassword({ vault: bytes(61, 40) }),
    ];
    const outcomes = await Promise.all(rivals.map((rival) => credentials.change(rival)));
    const winners = rivals.filter((_, i) => outcomes[i]?.outcome === 'changed');
    expect(winners).toHaveLength(1);
    const [winner] = winners;
    expect(await accounts.find(ALICE.account)).toMatchObject({ vault: winner?.vault, vaultVersion: 1 });
    const statements = winner?.statement === undefined ? [] : [winner.statement.statement];
    expect(await chains.readStatements(ALICE.account, 1)).toEqual(statements);
  });

  it('[STORE21] a statement of a change and one alone do not both take a place in the chain', async () => {
    await signUp();
    const { accounts, chains, credentials } = stores();
    const reset = newPassword({ statement: nextStatement({ statement: bytes(42, 50) }) });
    const [changed, appended] = await Promise.all([
      credentials.change(reset),
      chains.append(nextStatement()),
    ]);
    const isReset = changed.outcome === 'changed';
    expect(appended.outcome).toBe(isReset ? 'conflict' : 'appended');
    expect(await accounts.find(ALICE.account)).toMatchObject({ vaultVersion: isReset ? 1 : 0 });
    expect(await chains.readStatements(ALICE.account, 1)).toHaveLength(1);
  });

  it('[STORE23] a password that was changed meanwhile opens no session', async () => {
    await signUp();
    const { credentials, sessions } = stores();
    expect(await sessions.open(sessionOf(4, { device: deviceOf(3), vaultVersion: 0 }))).toEqual([
      sessionIdOf(3),
    ]);
    await credentials.change(newPassword({ endSessions: { allBut: sessionIdOf(2) } }));
    expect(await sessions.open(sessionOf(5, { device: deviceOf(2), vaultVersion: 0 }))).toEqual([]);
    expect(await openOnes()).toEqual([2]);
    await sessions.open(sessionOf(6, { vaultVersion: 1 }));
    expect(await openOnes()).toEqual([2, 6]);
  });

  it('[STORE23] of a sign-in and a new password that meet, the old password leaves no session', async () => {
    await signUp();
    const { credentials, sessions } = stores();
    await Promise.all([
      sessions.open(sessionOf(4, { vaultVersion: 0 })),
      credentials.change(newPassword({ endSessions: { allBut: sessionIdOf(2) } })),
      sessions.open(sessionOf(5, { vaultVersion: 0 })),
    ]);
    expect(await openOnes()).toEqual([2]);
  });
}

const endedBy = (outcome: CredentialsChanged) =>
  outcome.outcome === 'changed' ? outcome.endedSessions.map((id) => id[0]).sort() : outcome.outcome;
