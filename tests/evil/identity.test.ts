import { getRandomValues } from 'node:crypto';
import { decodeHex } from '@sotto/protocol';
import { generateKeyPair, resetAccount, verifyChain } from '@sotto/transparency';
import { expect, it } from 'vitest';
import { accountOf, openWith, register, signIn, signInAgain } from '../simulation/harness.ts';
import type { EvilRelay } from './evil-relay.ts';
import { decide, deviceOf, isAlarmed, setStage, settle, startTalk } from './people.ts';

const random = (length: number) => getRandomValues(new Uint8Array(length));

/** From now on the chain of this account ends in a reset that somebody made, always the same one. */
function offerReset(evil: EvilRelay, account: string): void {
  const identity = generateKeyPair(random(32));
  const device = { id: random(16), ...generateKeyPair(random(32)) };
  evil.answer('chain', (honest, { path }) => {
    if (!path.includes(account)) return honest;
    const verified = verifyChain(decodeHex(account) ?? random(16), honest.statements);
    if (!verified.ok) throw new Error(verified.reason);
    return {
      statements: [...honest.statements, resetAccount(verified.state, { identity, device }).statement],
    };
  });
}

it('[EVIL40] a second reset while the first is being compared: the number that was shown is the key that is accepted', async () => {
  const talk = await startTalk();
  const { world, evil, alice, withBob } = talk;
  const chat = () => alice.chat();
  await chat().setVerified({ account: withBob, verified: true });
  const { digits: old } = await chat().safetyNumber({ account: withBob });
  offerReset(evil, withBob);
  await openWith(alice, 'bob');
  await isAlarmed(world, alice, 'identity_changed');
  const { digits: compared, verified } = await chat().safetyNumber({ account: withBob });
  // Bob, who reset nothing, reads the old number aloud: it must not match.
  expect(compared).not.toBe(old);
  expect(verified).toBe(false);
  await expect(chat().setVerified({ account: withBob, verified: true })).rejects.toMatchObject({
    code: 'blocked',
  });
  offerReset(evil, withBob);
  await alice.restart();
  await openWith(alice, 'bob');
  await settle(talk);
  expect((await chat().safetyNumber({ account: withBob })).digits).toBe(compared);
  await decide(alice, 'accept_identity');
  expect((await chat().safetyNumber({ account: withBob })).digits).toBe(compared);
});

it('[P3] [EVIL41] a revocation in the own chain withheld from a device that signs in again: refused, and the pin stays', async () => {
  const scene = await setStage();
  const { world, evil } = scene;
  const [laptop, phone] = [world.device('alice'), world.device('phone')];
  await register(world, laptop);
  await signIn(world, phone, 'alice');
  const account = accountOf(laptop);
  await phone.chat().signOut({});
  // The laptop sees its own chain when it starts: created, phone added, phone revoked.
  await laptop.restart();
  const seen = () => evil.answers('chain').filter(({ viewer }) => viewer?.device === deviceOf(laptop));
  await world.until('the laptop has seen it', () => seen().at(-1)?.honest.statements.length === 3);
  await settle(scene);
  laptop.answer((route, _input, answer) =>
    route === 'refresh' ? { ok: false, code: 'session_ended' } : answer,
  );
  await laptop.restart();
  await world.until('signed out', () => laptop.chat().snapshot().connection === 'ended');
  evil.answer('chain', ({ statements }) => ({ statements: statements.slice(0, 2) }));
  await expect(signInAgain(world, laptop, 'alice')).rejects.toMatchObject({ code: 'chain_refused' });
  evil.repent();
  laptop.answer((_route, _input, answer) => answer);
  await signInAgain(world, laptop, 'alice');
  evil.answer('chain', ({ statements }) => ({ statements: statements.slice(0, 2) }));
  await laptop.restart();
  await isAlarmed(world, laptop, 'chain_truncated');
  expect(accountOf(laptop)).toBe(account);
});

it('[EVIL42] a reset of the own account made up by the relay: alarm, sending stops, and there is nothing to accept', async () => {
  const { world, evil, alice, withBob } = await startTalk();
  offerReset(evil, accountOf(alice));
  await alice.restart();
  await isAlarmed(world, alice, 'identity_changed');
  const [alarm] = alice.chat().snapshot().alarms;
  expect(alarm).toMatchObject({ conversation: undefined, actions: ['dismiss'] });
  await expect(decide(alice, 'accept_identity')).rejects.toMatchObject({ code: 'blocked' });
  await expect(
    alice.chat().sendMessage({ conversation: withBob, id: '00'.repeat(16), text: 'hi' }),
  ).rejects.toMatchObject({ code: 'blocked' });
});
