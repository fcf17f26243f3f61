import { getRandomValues } from 'node:crypto';
import { decodeHex } from '@sotto/protocol';
import {
  addDevice,
  type ChainState,
  createChain,
  generateKeyPair,
  resetAccount,
  verifyChain,
} from '@sotto/transparency';
import { describe, expect, it } from 'vitest';
import { accountOf, alarmsOf, conversationOf, openWith, say, textsOf } from '../simulation/harness.ts';
import type { EvilRelay } from './evil-relay.ts';
import {
  decide,
  isAlarmed,
  meet,
  sealedOf,
  settle,
  startTalk,
  type Talk,
  talkOn,
  writtenSince,
} from './people.ts';

const random = (length: number) => getRandomValues(new Uint8Array(length));
const ghost = () => ({ id: random(16), ...generateKeyPair(random(32)) });
const bytesOf = (hex: string) => decodeHex(hex) ?? new Uint8Array();

/** Rewrites the chain that is shown of one account, and of no other. */
function showChain(
  evil: EvilRelay,
  account: string,
  lie: (honest: readonly Uint8Array[], state: ChainState) => Uint8Array[],
): void {
  evil.answer('chain', (honest, { path }) => {
    if (!path.includes(account)) return honest;
    const verified = verifyChain(bytesOf(account), honest.statements);
    if (!verified.ok) throw new Error(verified.reason);
    return { statements: lie(honest.statements, verified.state) };
  });
}

/** A device that anybody made, under a statement at the right place that bob's identity never signed. */
function forgeDevice(honest: readonly Uint8Array[], state: ChainState): Uint8Array[] {
  const identity = generateKeyPair(random(32));
  const forged = addDevice({ ...state, identityKey: identity.publicKey }, { identity, device: ghost() });
  return [...honest, forged.statement];
}

function forgeChain(account: string): Uint8Array {
  const identity = generateKeyPair(random(32));
  return createChain({ account: bytesOf(account), identity, device: ghost() }).statement;
}

/** Alice reads bob's chain, is told, and is kept from sending; when the relay repents, she decides and they talk on. */
async function expectAlarm(talk: Talk, kind: string, written: readonly string[]): Promise<void> {
  const { evil, alice, world, withBob } = talk;
  const before = await sealedOf(talk, alice);
  await openWith(alice, 'bob');
  await isAlarmed(world, alice, kind);
  expect(conversationOf(alice, withBob)?.blocked).toBe(true);
  await expect(say(alice, withBob, 'are you you?')).rejects.toMatchObject({ code: 'blocked' });
  await settle(talk);
  expect(await writtenSince(before, talk, alice)).toEqual(written);
  evil.repent();
  await decide(alice, 'dismiss');
  await talkOn(talk, 'again');
  expect(alarmsOf(...talk.cast)).toEqual([]);
}

describe('a relay that lies about who somebody is', () => {
  it('[EVIL1] a truncated chain of a known account: alarm, sending stops, only the alarm is written', async () => {
    const talk = await startTalk();
    showChain(talk.evil, talk.withBob, () => []);
    await expectAlarm(talk, 'chain_truncated', ['alarm']);
  });

  it('[EVIL2] a second, valid history of a known account: alarm, sending stops, only the alarm is written', async () => {
    const talk = await startTalk();
    showChain(talk.evil, talk.withBob, () => [forgeChain(talk.withBob)]);
    await expectAlarm(talk, 'chain_forked', ['alarm']);
  });

  it("[P3] [EVIL3] an extra device that bob's identity did not sign: alarm, no key goes to it, only the alarm is written", async () => {
    const talk = await startTalk();
    showChain(talk.evil, talk.withBob, forgeDevice);
    const claims = talk.evil.answers('claimKeyPackages').length;
    await expectAlarm(talk, 'chain_forked', ['alarm']);
    expect(talk.evil.answers('claimKeyPackages')).toHaveLength(claims);
  });

  it('[EVIL3] the same at first contact: refused, and nothing is written', async () => {
    const scene = await meet('alice', 'bob');
    const [alice, bob] = scene.cast;
    if (alice === undefined || bob === undefined) throw new Error('nobody came');
    const before = await sealedOf(scene, alice);
    showChain(scene.evil, accountOf(bob), forgeDevice);
    await expect(openWith(alice, 'bob')).rejects.toMatchObject({ code: 'chain_refused' });
    expect(await writtenSince(before, scene, alice)).toEqual([]);
    expect(alice.chat().snapshot().conversations).toEqual([]);
    scene.evil.repent();
    await expect(openWith(alice, 'bob')).resolves.toBe(accountOf(bob));
  });

  it('[EVIL4] a whole chain made up at first contact: only the safety number tells, and it differs', async () => {
    const scene = await meet('alice', 'bob');
    const [alice, bob] = scene.cast;
    if (alice === undefined || bob === undefined) throw new Error('nobody came');
    const chain = forgeChain(accountOf(bob));
    showChain(scene.evil, accountOf(bob), () => [chain]);
    const withBob = await openWith(alice, 'bob');
    const withAlice = await openWith(bob, 'alice');
    const hers = await alice.chat().safetyNumber({ account: withBob });
    const his = await bob.chat().safetyNumber({ account: withAlice });
    expect(hers.digits).not.toBe(his.digits);
    expect(hers.qr).not.toEqual(his.qr);
    // And the lie must be kept up for ever: the first honest answer is an alarm.
    scene.evil.repent();
    await openWith(alice, 'bob');
    expect(alarmsOf(alice)).toEqual(['alice: chain_forked']);
  });

  it('[EVIL5] a recovery reset made up by the relay: alarm, sending stops, the old key stays pinned', async () => {
    const talk = await startTalk();
    const { alice, evil, withBob } = talk;
    await alice.chat().setVerified({ account: withBob, verified: true });
    const digits = (await alice.chat().safetyNumber({ account: withBob })).digits;
    const [identity, device] = [generateKeyPair(random(32)), ghost()];
    showChain(evil, withBob, (honest, state) => [
      ...honest,
      resetAccount(state, { identity, device }).statement,
    ]);
    const claims = evil.answers('claimKeyPackages').length;
    // Written beside the alarm: what the relay offers, next to the pin, until the person decides.
    await expectAlarm(talk, 'identity_changed', ['alarm', 'chain']);
    expect(evil.answers('claimKeyPackages')).toHaveLength(claims);
    expect(await alice.chat().safetyNumber({ account: withBob })).toMatchObject({ digits, verified: true });
  });

  it('[EVIL5] a reset that the person accepts: another safety number, verified no more', async () => {
    const talk = await startTalk();
    const { world, alice, evil, withBob } = talk;
    await alice.chat().setVerified({ account: withBob, verified: true });
    const { digits } = await alice.chat().safetyNumber({ account: withBob });
    const [identity, device] = [generateKeyPair(random(32)), ghost()];
    showChain(evil, withBob, (honest, state) => [
      ...honest,
      resetAccount(state, { identity, device }).statement,
    ]);
    await openWith(alice, 'bob');
    await isAlarmed(world, alice, 'identity_changed');
    const sent = evil.requests('log:append').length;
    await settle(talk);
    expect(evil.requests('log:append')).toHaveLength(sent);
    // Refused once, offered again: told again.
    await decide(alice, 'dismiss');
    await world.until('it is gone', () => alarmsOf(alice).length === 0);
    await openWith(alice, 'bob');
    await isAlarmed(world, alice, 'identity_changed');
    await decide(alice, 'accept_identity');
    const after = await alice.chat().safetyNumber({ account: withBob });
    expect(after.digits).not.toBe(digits);
    expect(after.verified).toBe(false);
  });

  it('[EVIL6] the name of a contact given to another account: the thread stays with the account that was pinned', async () => {
    const talk = await startTalk('mallory');
    const { alice, bob, evil, world, withBob, withAlice } = talk;
    const mallory = accountOf(talk.cast[2] ?? alice);
    const before = await sealedOf(talk, alice);
    evil.answer('users', () => ({
      users: [{ username: 'bob' as never, account: bytesOf(mallory) as never }],
    }));
    evil.answer('user', () => ({ username: 'bob' as never, account: bytesOf(mallory) as never }));
    const [found] = await alice.chat().findPeople({ name: 'bob' });
    expect(found).toMatchObject({ account: mallory, verified: false });
    expect(await writtenSince(before, talk, alice)).toEqual([]);
    await say(alice, withBob, 'for the bob I know');
    await world.until('bob hears', async () =>
      (await textsOf(bob, withAlice)).includes('for the bob I know'),
    );
    expect(conversationOf(alice, withBob)?.peer).toMatchObject({ account: withBob, username: 'bob' });
    const other = await alice.chat().openDirect({ account: mallory, username: 'bob' });
    expect(other).not.toBe(withBob);
    const shown = () => alice.chat().snapshot().conversations;
    await world.until('both are listed', () => shown().length === 2);
    expect(new Set(shown().map(({ peer }) => peer.safetyDigits)).size).toBe(2);
  });
});
