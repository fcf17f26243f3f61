import { expect, it } from 'vitest';
import type { AccountStores } from '../../../src/store/account-stores.ts';
import type { SignIn } from '../../../src/store/sign-in-store.ts';
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

const { account } = ALICE;
const GROUNDS = { vaultVersion: 0, proofs: 0, statements: 1 };

/** Alice on the device of that number, as her account stands when it was just made. */
export const signInOf = (fill: number, changes: Partial<SignIn> = {}): SignIn => ({
  session: sessionOf(fill),
  grounds: GROUNDS,
  claim: { id: bytes(100 + fill), expiresAt: 1000 },
  record: { bytes: bytes(fill, 9), after: 0 },
  atMost: 10,
  ...changes,
});

export function testSignIns(open: OpenAccountStores): void {
  const stores = freshStores(open);
  const signUp = () => stores().accounts.create(ALICE, 0);
  const admit = (fill: number, changes?: Partial<SignIn>) => stores().signIns.admit(signInOf(fill, changes));
  const openOnes = async () => (await stores().sessions.list(account, 0)).map(({ id }) => id[0]).sort();
  const readNoted = () => stores().records.read(account, 'sign_ins');

  it('[STORE41] opens the session, notes it, and takes the ticket, in one step', async () => {
    await signUp();
    expect(await admit(2)).toEqual({ outcome: 'opened', ended: [], noted: true });
    expect(await openOnes()).toEqual([1, 2]);
    expect(await readNoted()).toEqual({ bytes: bytes(2, 9), version: 1 });
    expect(await stores().codes.isClaimed(bytes(102), 0)).toBe(true);
    expect(await stores().codes.claim(bytes(102), 1000)).toBe(false);
  });

  it('[STORE41] of any number with one ticket one gets in, and the others change nothing', async () => {
    await signUp();
    const claim = { id: bytes(100), expiresAt: 1000 };
    const outcomes = await Promise.all([2, 3, 4, 5].map((fill) => admit(fill, { claim })));
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual([
      'claimed',
      'claimed',
      'claimed',
      'opened',
    ]);
    expect(await openOnes()).toHaveLength(2);
    expect((await readNoted())?.version).toBe(1);
  });

  it('[STORE41] a ticket that was used elsewhere lets nobody in', async () => {
    await signUp();
    await stores().codes.claim(bytes(102), 1000);
    expect(await admit(2)).toEqual({ outcome: 'claimed' });
    expect(await openOnes()).toEqual([1]);
    expect(await admit(2, { claim: undefined })).toMatchObject({ outcome: 'opened' });
  });

  const moves: readonly [string, (stores: AccountStores) => Promise<unknown>, Partial<SignIn['grounds']>][] =
    [
      ['got another password', ({ credentials }) => credentials.change(newPassword()), { vaultVersion: 1 }],
      [
        'got another factor, or was disabled',
        ({ records }) => records.write(account, 'proofs', bytes(7), 0),
        { proofs: 1 },
      ],
      [
        'revoked a device',
        ({ chains }) => chains.append(nextStatement({ revoked: [deviceOf(2)] })),
        { statements: 2 },
      ],
    ];
  it.each(moves)('[STORE41] opens nothing once the account %s', async (_what, move, moved) => {
    await signUp();
    await move(stores());
    expect(await admit(2)).toEqual({ outcome: 'moved', ended: [], claimed: false });
    expect(await openOnes()).toEqual([1]);
    expect(await readNoted()).toBeUndefined();
    expect(await stores().codes.isClaimed(bytes(102), 0)).toBe(false);
    expect(await admit(2, { grounds: { ...GROUNDS, ...moved } })).toMatchObject({ outcome: 'opened' });
  });

  it('[STORE41] opens nothing of an account that is over, or that nobody has', async () => {
    await signUp();
    await stores().credentials.close(nextStatement());
    const grounds = { ...GROUNDS, statements: 2 };
    expect(await admit(2, { grounds })).toMatchObject({ outcome: 'moved' });
    const session = sessionOf(3, { account: accountOf(9) });
    expect(await admit(3, { session })).toMatchObject({ outcome: 'moved' });
    expect(await stores().sessions.isOpen(sessionIdOf(2), 0)).toBe(false);
    expect(await stores().sessions.isOpen(sessionIdOf(3), 0)).toBe(false);
  });

  it('[STORE41] of a sign-in and a revocation that meet, the device has no session', async () => {
    await signUp();
    const [outcome] = await Promise.all([
      admit(2),
      stores().chains.append(nextStatement({ revoked: [deviceOf(2)] })),
    ]);
    expect(['opened', 'moved']).toContain(outcome.outcome);
    expect(await stores().sessions.isOpen(sessionIdOf(2), 0)).toBe(false);
  });

  it('[AUTH10] ends the earlier session of the device, and says so', async () => {
    await signUp();
    const session = sessionOf(2, { device: deviceOf(1) });
    expect(await admit(2, { session })).toMatchObject({ outcome: 'opened', ended: [sessionIdOf(1)] });
    expect(await openOnes()).toEqual([2]);
  });

  it('[AUTH81] beyond so many sessions ends those that were renewed longest ago, not the new one', async () => {
    await signUp();
    await admit(2, { session: sessionOf(2, { openedAt: 10 }) });
    await admit(3, { session: sessionOf(3, { openedAt: 20 }) });
    await stores().sessions.rotate({ shown: bytes(1, 32), next: bytes(50, 32), now: 30 });
    const outcome = await admit(4, { session: sessionOf(4, { openedAt: 30 }), atMost: 2 });
    expect(outcome).toMatchObject({ outcome: 'opened' });
    expect('ended' in outcome && outcome.ended.map((id) => id[0]).sort()).toEqual([2, 3]);
    expect(await openOnes()).toEqual([1, 4]);
  });

  it('[AUTH81] counts no session that has expired', async () => {
    await signUp();
    await admit(2, { session: sessionOf(2, { openedAt: 500 }) });
    const late = sessionOf(3, { openedAt: 1200 });
    expect(await admit(3, { session: late, atMost: 2 })).toMatchObject({ outcome: 'opened', ended: [] });
  });

  it('[STORE24] says when another record was written first, and lets in all the same', async () => {
    await signUp();
    await stores().records.write(account, 'sign_ins', bytes(9), 0);
    expect(await admit(2)).toEqual({ outcome: 'opened', ended: [], noted: false });
    expect(await readNoted()).toEqual({ bytes: bytes(9), version: 1 });
    expect(await openOnes()).toEqual([1, 2]);
    expect(await admit(3, { record: { bytes: bytes(3, 9), after: 1 } })).toMatchObject({ noted: true });
  });
}
