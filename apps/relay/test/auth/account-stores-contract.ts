import { type AccountId, type DeviceId, LIMITS, type Username } from '@sotto/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NewAccount } from '../../src/store/account-store.ts';
import type { AccountStores } from '../../src/store/account-stores.ts';
import type { NewSession, SessionId } from '../../src/store/session-store.ts';

const bytes = (fill: number, length = 16) => new Uint8Array(length).fill(fill);
const nameOf = (name: string) => name as Username;
const accountOf = (fill: number) => bytes(fill) as AccountId;
const deviceOf = (fill: number) => bytes(fill) as DeviceId;
const sessionOf = (fill: number, changes: Partial<NewSession> = {}): NewSession => ({
  id: bytes(fill) as SessionId,
  account: accountOf(1),
  device: deviceOf(fill),
  refreshHash: bytes(fill, 32),
  expiresAt: 1000,
  ...changes,
});

const newAccount = (name: string, fill: number, changes: Partial<NewAccount> = {}): NewAccount => ({
  username: nameOf(name),
  account: accountOf(fill),
  opaqueRecord: bytes(fill, 192),
  vault: bytes(fill, 40),
  statement: bytes(fill, 300),
  chainState: bytes(fill, 100),
  session: sessionOf(fill, { account: accountOf(fill) }),
  ...changes,
});

/** What every driver of the account stores keeps. `open` gives empty ones; `close` lets go of them. */
export function describeAccountStores(
  driver: string,
  open: () => Promise<{ stores: AccountStores; close: () => Promise<void> }>,
): void {
  describe(`account stores in ${driver}`, () => {
    let stores: AccountStores;
    let close: () => Promise<void>;
    beforeEach(async () => {
      ({ stores, close } = await open());
    });
    afterEach(() => close());
    const tokensOf = (account: AccountId, device: DeviceId) => stores.keyPackages.count(account, device);

    it('[AUTH2] creates an account, its chain and its session together', async () => {
      const alice = newAccount('alice', 1);
      expect(await stores.accounts.create(alice)).toBe('created');
      const { username, account, opaqueRecord, vault } = alice;
      expect(await stores.accounts.findByName(username)).toEqual({ username, account, opaqueRecord, vault });
      expect(await stores.accounts.findName(account)).toBe('alice');
      expect(await stores.chains.readStatements(account, 0)).toEqual([alice.statement]);
      expect(await stores.chains.readState(account)).toEqual(alice.chainState);
      expect(await stores.sessions.isOpen(alice.session.id, 999)).toBe(true);
    });

    it('[AUTH2] refuses a taken name and a taken account id, and writes nothing then', async () => {
      await stores.accounts.create(newAccount('alice', 1));
      const sameName = newAccount('alice', 2);
      expect(await stores.accounts.create(sameName)).toBe('username_taken');
      expect(await stores.accounts.findName(sameName.account)).toBeUndefined();
      expect(await stores.chains.readState(sameName.account)).toBeUndefined();
      expect(await stores.sessions.isOpen(sameName.session.id, 0)).toBe(false);
      const sameId = newAccount('bob', 1, { session: sessionOf(3) });
      expect(await stores.accounts.create(sameId)).toBe('account_taken');
      expect(await stores.accounts.findByName(nameOf('bob'))).toBeUndefined();
      expect(await stores.sessions.isOpen(bytes(3) as SessionId, 0)).toBe(false);
    });

    it('[HTTP7] lists names by prefix, in byte order, a page at a time', async () => {
      const names = ['bob', 'al', 'alice', 'al_2', 'alz', 'carol'];
      for (const [i, name] of names.entries()) await stores.accounts.create(newAccount(name, i + 1));
      const list = async (prefix: string, after: string, limit: number) =>
        (await stores.accounts.list({ prefix, after, limit })).map((user) => user.username);
      expect(await list('', '', 10)).toEqual(['al', 'al_2', 'alice', 'alz', 'bob', 'carol']);
      expect(await list('al', '', 2)).toEqual(['al', 'al_2']);
      expect(await list('al', 'al_2', 10)).toEqual(['alice', 'alz']);
    });

    it('[HTTP8] appends a statement only right behind the last one', async () => {
      const alice = newAccount('alice', 1);
      await stores.accounts.create(alice);
      const next = { account: alice.account, statement: bytes(7, 50), state: bytes(8, 60), revoked: [] };
      expect(await stores.chains.append({ ...next, seq: 2 })).toEqual({ outcome: 'conflict' });
      const [first, second] = await Promise.all([
        stores.chains.append({ ...next, seq: 1 }),
        stores.chains.append({ ...next, seq: 1, state: bytes(9, 60) }),
      ]);
      expect([first.outcome, second.outcome].sort()).toEqual(['appended', 'conflict']);
      expect(await stores.chains.readStatements(alice.account, 1)).toEqual([next.statement]);
      expect(await stores.chains.readState(alice.account)).toEqual(
        first.outcome === 'appended' ? bytes(8, 60) : bytes(9, 60),
      );
      expect(await stores.chains.append({ ...next, account: accountOf(9), seq: 0 })).toEqual({
        outcome: 'conflict',
      });
      expect(await stores.chains.readStatements(accountOf(9), 0)).toBeUndefined();
    });

    it('[AUTH12] ends the sessions of a device in the step that revokes it, and drops its KeyPackages', async () => {
      const alice = newAccount('alice', 1);
      await stores.accounts.create(alice);
      const { account } = alice;
      await stores.sessions.open(sessionOf(2));
      await stores.keyPackages.publish({
        account,
        device: deviceOf(1),
        oneTime: [bytes(5)],
        lastResort: bytes(6),
      });
      const next = { account, seq: 1, statement: bytes(7, 50), state: bytes(8, 60) };
      expect(await stores.chains.append({ ...next, revoked: [deviceOf(1)] })).toEqual({
        outcome: 'appended',
        endedSessions: [alice.session.id],
      });
      expect(await stores.sessions.isOpen(alice.session.id, 0)).toBe(false);
      expect(await stores.sessions.isOpen(bytes(2) as SessionId, 0)).toBe(true);
      expect(await tokensOf(account, deviceOf(1))).toEqual({ left: 0, lastResort: false });
    });

    it('[AUTH10] opens one session for a device, and says which one it ended', async () => {
      const first = sessionOf(1);
      const again = sessionOf(2, { device: first.device });
      expect(await stores.sessions.open(first)).toEqual([]);
      expect(await stores.sessions.open(again)).toEqual([first.id]);
      expect(await stores.sessions.isOpen(first.id, 0)).toBe(false);
      await stores.sessions.end(again.id);
      expect(await stores.sessions.isOpen(again.id, 0)).toBe(false);
    });

    const swapTo = (shown: number, next: number) =>
      stores.sessions.rotate({ shown: bytes(shown, 32), next: bytes(next, 32), now: 500, expiresAt: 2000 });
    const outcome = async (shown: number, next: number) => (await swapTo(shown, next)).outcome;
    const confirm = (hash: number, now = 500) =>
      stores.sessions.confirm(bytes(1) as SessionId, bytes(hash, 32), now);

    it('[AUTH9] swaps a pair for the next, and again while the next was not seen: its answer may be lost', async () => {
      const { id, account, device } = sessionOf(1);
      await stores.sessions.open(sessionOf(1));
      expect(await swapTo(1, 10)).toEqual({ outcome: 'rotated', session: { id, account, device } });
      expect(await outcome(1, 11)).toBe('rotated');
      expect(await confirm(1)).toBe(true);
      expect(await confirm(10)).toBe(false);
      expect(await confirm(11)).toBe(true);
      expect(await confirm(1)).toBe(true);
      expect(await outcome(11, 12)).toBe('rotated');
      expect(await outcome(12, 13)).toBe('rotated');
    });

    it.each([
      ['its access token', () => confirm(10)],
      ['its refresh token', () => outcome(10, 20)],
    ])('[AUTH9] once the next pair was seen by %s, the one before ends the session', async (_by, see) => {
      await stores.sessions.open(sessionOf(1));
      await outcome(1, 10);
      await see();
      expect(await swapTo(1, 30)).toEqual({ outcome: 'reused', session: bytes(1) });
      expect(await stores.sessions.isOpen(bytes(1) as SessionId, 500)).toBe(false);
      for (const hash of [1, 10, 20, 30]) {
        expect(await outcome(hash, 40)).toBe('unknown');
        expect(await confirm(hash)).toBe(false);
      }
    });

    it('[AUTH9] a void pair ends the session when it is shown', async () => {
      await stores.sessions.open(sessionOf(1));
      await Promise.all([outcome(1, 10), outcome(1, 11)]);
      expect(await outcome(10, 12)).toBe('reused');
      expect(await confirm(11)).toBe(false);
    });

    it('[AUTH9] knows every pair that a session ever had, and none of another session', async () => {
      await stores.sessions.open(sessionOf(1));
      await stores.sessions.open(sessionOf(50));
      for (let i = 1; i < 5; i++) expect(await outcome(i, i + 1)).toBe('rotated');
      expect(await confirm(50)).toBe(false);
      expect(await confirm(99)).toBe(false);
      expect(await confirm(2)).toBe(true);
      expect(await outcome(2, 60)).toBe('reused');
      expect(await stores.sessions.isOpen(bytes(50) as SessionId, 500)).toBe(true);
    });

    it('[AUTH11] treats an expired session as none, before and after it is swept', async () => {
      await stores.sessions.open(sessionOf(1));
      const swap = { shown: bytes(1, 32), next: bytes(2, 32), now: 1000, expiresAt: 9000 };
      expect(await stores.sessions.isOpen(bytes(1) as SessionId, 1000)).toBe(false);
      expect(await stores.sessions.rotate(swap)).toEqual({ outcome: 'unknown' });
      expect(await confirm(1, 1000)).toBe(false);
      await stores.sessions.sweep(999);
      expect(await stores.sessions.isOpen(bytes(1) as SessionId, 999)).toBe(true);
      await stores.sessions.sweep(1000);
      expect(await stores.sessions.isOpen(bytes(1) as SessionId, 0)).toBe(false);
    });

    it('[HTTP11] gives each one-time KeyPackage to one claim, oldest first, then the last resort', async () => {
      const account = accountOf(1);
      const device = deviceOf(1);
      const upload = { account, device, oneTime: [bytes(1), bytes(2)], lastResort: bytes(9) };
      expect(await stores.keyPackages.publish(upload)).toBe('published');
      const claims = await Promise.all([1, 2, 3].map(() => stores.keyPackages.claim(account, [device])));
      expect(claims).toEqual([
        [{ device, keyPackage: bytes(1), lastResort: false, left: 1 }],
        [{ device, keyPackage: bytes(2), lastResort: false, left: 0 }],
        [{ device, keyPackage: bytes(9), lastResort: true, left: 0 }],
      ]);
      expect(await stores.keyPackages.claim(account, [deviceOf(2)])).toEqual([]);
    });

    it('[HTTP10] never brings a claimed KeyPackage back, and holds only so many', async () => {
      const account = accountOf(1);
      const device = deviceOf(1);
      const publish = (oneTime: Uint8Array[], lastResort?: Uint8Array) =>
        stores.keyPackages.publish({ account, device, oneTime, lastResort });
      await publish([bytes(1), bytes(1)]);
      await stores.keyPackages.claim(account, [device]);
      await publish([bytes(1)]);
      expect(await tokensOf(account, device)).toEqual({ left: 0, lastResort: false });
      const many = Array.from({ length: LIMITS.keyPackagesPerDevice }, (_, i) => bytes(i + 1, 20));
      expect(await publish(many)).toBe('published');
      expect(await publish(many, bytes(8))).toBe('published');
      expect(await publish([bytes(200)], bytes(7))).toBe('full');
      expect(await tokensOf(account, device)).toEqual({ left: many.length, lastResort: true });
    });

    it('[HTTP22] a new set takes the place of the old one, at once and for good', async () => {
      const [account, device] = [accountOf(1), deviceOf(1)];
      const setOf = (first: number) =>
        Array.from({ length: LIMITS.keyPackagesPerDevice }, (_, i) => bytes(first + i, 20));
      const old = { account, device, oneTime: setOf(0), lastResort: bytes(8) };
      const other = { ...old, device: deviceOf(2), oneTime: [bytes(5)] };
      const renewed = { account, device, oneTime: setOf(100), lastResort: bytes(9), replace: true };
      await stores.keyPackages.publish(old);
      await stores.keyPackages.publish(other);
      expect(await stores.keyPackages.publish(renewed)).toBe('published');
      expect(await tokensOf(account, device)).toEqual({ left: 100, lastResort: true });
      const [given] = await stores.keyPackages.claim(account, [device]);
      expect(given).toEqual({ device, keyPackage: bytes(100, 20), lastResort: false, left: 99 });
      // The answer was lost: neither the claimed one nor an old one comes back, and those that wait stay.
      expect(await stores.keyPackages.publish(renewed)).toBe('published');
      expect(await tokensOf(account, device)).toEqual({ left: 99, lastResort: true });
      await stores.keyPackages.publish({ account, device, oneTime: [bytes(0, 20)], lastResort: undefined });
      expect(await tokensOf(account, device)).toEqual({ left: 99, lastResort: true });
      await stores.keyPackages.publish({
        account,
        device,
        oneTime: [],
        lastResort: undefined,
        replace: true,
      });
      expect(await stores.keyPackages.claim(account, [device, other.device])).toEqual([
        { device, keyPackage: bytes(9), lastResort: true, left: 0 },
        { device: other.device, keyPackage: bytes(5), lastResort: false, left: 0 },
      ]);
    });
  });
}
