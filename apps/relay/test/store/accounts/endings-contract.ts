import { describe, expect, it } from 'vitest';
import type { AccountStores } from '../../../src/store/account-stores.ts';
import { freshStores, type OpenAccountStores } from './fresh-stores.ts';
import {
  ALICE,
  bytes,
  deviceOf,
  newAccount,
  newPassword,
  nextStatement,
  sessionIdOf,
  sessionOf,
} from './values.ts';

const LAST = nextStatement({ revoked: [deviceOf(1), deviceOf(2)] });

/** Both ways in which an account ends, and what they answer. */
const ENDINGS = [
  [
    'closed by its owner',
    LAST,
    async ({ credentials }: AccountStores) => {
      const closed = await credentials.close(LAST);
      return closed.outcome === 'changed' ? closed.endedSessions : [];
    },
  ],
  ['erased by the operator', undefined, ({ credentials }: AccountStores) => credentials.erase(ALICE.account)],
] as const;

export function testEndings(open: OpenAccountStores): void {
  const stores = freshStores(open);
  const { account, username } = ALICE;
  const device = deviceOf(2);
  const signUp = async () => {
    const { accounts, keyPackages, records, sessions } = stores();
    await accounts.create({ ...ALICE, proofs: bytes(40, 9) }, 0);
    await accounts.create(newAccount('bob', 60), 0);
    await records.write(account, 'activity', bytes(41, 9), 0);
    await sessions.open(sessionOf(2));
    await keyPackages.publish({ account, device, oneTime: [bytes(5)], lastResort: bytes(6) });
  };

  describe.each(ENDINGS)('an account that is %s', (_how, last, end) => {
    it('[STORE22] is found no more, keeps its name, its id and its chain, and nobody gets them', async () => {
      await signUp();
      const { accounts, chains } = stores();
      await end(stores());
      expect(await accounts.findByName(username)).toBeUndefined();
      expect(await accounts.find(account)).toBeUndefined();
      expect(await accounts.list({ prefix: '', after: '', limit: 9 })).toEqual([
        { username: 'bob', account: newAccount('bob', 60).account },
      ]);
      expect(await accounts.findName(account)).toBe(username);
      const statements = last === undefined ? [ALICE.statement] : [ALICE.statement, last.statement];
      expect(await chains.readStatements(account, 0)).toEqual(statements);
      expect(await chains.readState(account)).toEqual(last?.state ?? ALICE.chainState);
      expect(await accounts.create(newAccount('alice', 9), 0)).toBe('username_taken');
      expect(await accounts.create(newAccount('carol', 1, { session: sessionOf(9) }), 0)).toBe(
        'account_taken',
      );
    });

    it('[STORE22] loses sessions, records and KeyPackages, and leaves those of others alone', async () => {
      await signUp();
      const { accounts, keyPackages, records, sessions } = stores();
      expect((await end(stores())).map((id) => id[0]).sort()).toEqual([1, 2]);
      expect(await sessions.list(account, 0)).toEqual([]);
      expect(await sessions.isOpen(sessionIdOf(2), 0)).toBe(false);
      expect(await sessions.rotate({ shown: bytes(2, 32), next: bytes(70, 32), now: 0 })).toEqual({
        outcome: 'unknown',
      });
      expect(await records.read(account, 'proofs')).toBeUndefined();
      expect(await records.read(account, 'activity')).toBeUndefined();
      expect(await keyPackages.claim(account, [device])).toEqual([]);
      expect(await sessions.isOpen(sessionIdOf(60), 0)).toBe(true);
      expect(await accounts.findByName(newAccount('bob', 60).username)).toBeDefined();
    });

    it('[STORE22] takes nothing more: no session, no record, no password, no second end', async () => {
      await signUp();
      const { credentials, records, sessions } = stores();
      await end(stores());
      expect(await sessions.open(sessionOf(4))).toEqual([]);
      expect(await sessions.isOpen(sessionIdOf(4), 0)).toBe(false);
      expect(await records.write(account, 'activity', bytes(42, 9), 0)).toBe('conflict');
      expect(await records.write(account, 'proofs', bytes(42, 9), 1)).toBe('conflict');
      expect(await records.read(account, 'activity')).toBeUndefined();
      expect(await credentials.change(newPassword())).toEqual({ outcome: 'vault_conflict' });
      const again = { ...LAST, seq: last === undefined ? 1 : 2 };
      expect(await credentials.close(again)).toEqual({ outcome: 'chain_conflict' });
      expect(await credentials.erase(account)).toEqual([]);
    });

    it('[STORE22] keeps nothing of what was on its way when it ended', async () => {
      await signUp();
      const { accounts, credentials, records, sessions } = stores();
      await Promise.all([
        sessions.open(sessionOf(4)),
        records.write(account, 'proofs', bytes(43, 9), 1),
        credentials.change(newPassword({ session: sessionOf(5) })),
        end(stores()),
        sessions.open(sessionOf(6)),
        records.write(account, 'activity', bytes(44, 9), 1),
        credentials.change(newPassword({ session: sessionOf(7) })),
      ]);
      expect(await accounts.find(account)).toBeUndefined();
      expect(await sessions.list(account, 0)).toEqual([]);
      for (const fill of [1, 2, 4, 5, 6, 7]) expect(await sessions.isOpen(sessionIdOf(fill), 0)).toBe(false);
      expect(await records.read(account, 'proofs')).toBeUndefined();
      expect(await records.read(account, 'activity')).toBeUndefined();
    });
  });

  it('[STORE22] a last statement that is not right behind the chain ends nothing', async () => {
    await signUp();
    const { accounts, credentials, sessions } = stores();
    expect(await credentials.close({ ...LAST, seq: 2 })).toEqual({ outcome: 'chain_conflict' });
    expect(await accounts.find(account)).toBeDefined();
    expect(await sessions.isOpen(sessionIdOf(2), 0)).toBe(true);
  });
}
