import { expect, it } from 'vitest';
import { freshStores, type OpenAccountStores } from './fresh-stores.ts';
import { accountOf, bytes, deviceOf, sessionIdOf, sessionOf } from './values.ts';

export function testSessions(open: OpenAccountStores): void {
  const stores = freshStores(open);
  it('[AUTH10] opens one session for a device, and says which one it ended', async () => {
    const first = sessionOf(1);
    const again = sessionOf(2, { device: first.device });
    expect(await stores().sessions.open(first)).toEqual([]);
    expect(await stores().sessions.open(again)).toEqual([first.id]);
    expect(await stores().sessions.isOpen(first.id, 0)).toBe(false);
    await stores().sessions.end(again.id);
    expect(await stores().sessions.isOpen(again.id, 0)).toBe(false);
  });

  const swapTo = (shown: number, next: number) =>
    stores().sessions.rotate({ shown: bytes(shown, 32), next: bytes(next, 32), now: 500 });
  const outcome = async (shown: number, next: number) => (await swapTo(shown, next)).outcome;
  const confirm = (hash: number, now = 500) =>
    stores().sessions.confirm(sessionIdOf(1), bytes(hash, 32), now);

  it('[AUTH9] swaps a pair for the next, and again while the next was not seen: its answer may be lost', async () => {
    const { id, account, device } = sessionOf(1);
    await stores().sessions.open(sessionOf(1));
    expect(await swapTo(1, 10)).toEqual({
      outcome: 'rotated',
      session: { id, account, device },
      shared: false,
    });
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
    await stores().sessions.open(sessionOf(1));
    await outcome(1, 10);
    await see();
    expect(await swapTo(1, 30)).toEqual({ outcome: 'reused', session: bytes(1) });
    expect(await stores().sessions.isOpen(sessionIdOf(1), 500)).toBe(false);
    for (const hash of [1, 10, 20, 30]) {
      expect(await outcome(hash, 40)).toBe('unknown');
      expect(await confirm(hash)).toBe(false);
    }
  });

  it('[AUTH9] a void pair ends the session when it is shown', async () => {
    await stores().sessions.open(sessionOf(1));
    await Promise.all([outcome(1, 10), outcome(1, 11)]);
    expect(await outcome(10, 12)).toBe('reused');
    expect(await confirm(11)).toBe(false);
  });

  it('[AUTH9] knows every pair that a session ever had, and none of another session', async () => {
    await stores().sessions.open(sessionOf(1));
    await stores().sessions.open(sessionOf(50));
    for (let i = 1; i < 5; i++) expect(await outcome(i, i + 1)).toBe('rotated');
    expect(await confirm(50)).toBe(false);
    expect(await confirm(99)).toBe(false);
    expect(await confirm(2)).toBe(true);
    expect(await outcome(2, 60)).toBe('reused');
    expect(await stores().sessions.isOpen(sessionIdOf(50), 500)).toBe(true);
  });

  it('[AUTH11] treats an expired session as none, before and after it is swept', async () => {
    await stores().sessions.open(sessionOf(1));
    const swap = { shown: bytes(1, 32), next: bytes(2, 32), now: 1000 };
    expect(await stores().sessions.isOpen(sessionIdOf(1), 1000)).toBe(false);
    expect(await stores().sessions.rotate(swap)).toEqual({ outcome: 'unknown' });
    expect(await confirm(1, 1000)).toBe(false);
    await stores().sessions.sweep(999);
    expect(await stores().sessions.isOpen(sessionIdOf(1), 999)).toBe(true);
    await stores().sessions.sweep(1000);
    expect(await stores().sessions.isOpen(sessionIdOf(1), 0)).toBe(false);
  });

  it('[AUTH11] a renewed session lives its own lifetime from there, a shared one its own short one', async () => {
    await stores().sessions.open(sessionOf(1));
    await stores().sessions.open(sessionOf(2, { shared: true, lifetime: 600 }));
    expect(await swapTo(1, 10)).toMatchObject({ outcome: 'rotated', shared: false });
    expect(await swapTo(2, 20)).toMatchObject({ outcome: 'rotated', shared: true });
    const isOpen = (fill: number, now: number) => stores().sessions.isOpen(sessionIdOf(fill), now);
    expect([await isOpen(1, 1499), await isOpen(1, 1500)]).toEqual([true, false]);
    expect([await isOpen(2, 1099), await isOpen(2, 1100)]).toEqual([true, false]);
    await stores().sessions.sweep(1100);
    expect([await isOpen(1, 500), await isOpen(2, 500)]).toEqual([true, false]);
  });

  it('[STORE31] lists the open sessions of an account, oldest first', async () => {
    await stores().sessions.open(sessionOf(2, { openedAt: 20, shared: true, lifetime: 600 }));
    await stores().sessions.open(sessionOf(1, { openedAt: 30 }));
    await stores().sessions.open(sessionOf(3, { openedAt: 10 }));
    await stores().sessions.open(sessionOf(4, { account: accountOf(9) }));
    await stores().sessions.end(sessionIdOf(3));
    await swapTo(1, 10);
    await swapTo(10, 11);
    await confirm(11);
    const one = { id: sessionIdOf(1), device: deviceOf(1), openedAt: 30, renewedAt: 500, shared: false };
    const two = { id: sessionIdOf(2), device: deviceOf(2), openedAt: 20, renewedAt: 20, shared: true };
    expect(await stores().sessions.list(accountOf(1), 619)).toEqual([two, one]);
    expect(await stores().sessions.list(accountOf(1), 620)).toEqual([one]);
    expect(await stores().sessions.list(accountOf(5), 0)).toEqual([]);
  });

  it('[STORE31] ends all sessions of an account but one, or all', async () => {
    for (const fill of [1, 2, 3]) await stores().sessions.open(sessionOf(fill));
    await stores().sessions.open(sessionOf(4, { account: accountOf(9) }));
    const endAll = async (but: number | undefined) => {
      const ended = await stores().sessions.endAll(
        accountOf(1),
        but === undefined ? undefined : sessionIdOf(but),
      );
      return ended.map((id) => id[0]).sort();
    };
    expect(await endAll(2)).toEqual([1, 3]);
    expect(await outcome(1, 10)).toBe('unknown');
    expect(await stores().sessions.isOpen(sessionIdOf(2), 0)).toBe(true);
    expect(await endAll(2)).toEqual([]);
    expect(await endAll(undefined)).toEqual([2]);
    expect(await stores().sessions.isOpen(sessionIdOf(4), 0)).toBe(true);
  });
}
