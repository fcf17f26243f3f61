import { encodeHex } from '@sotto/protocol';
import { expect, it } from 'vitest';
import { accountOf, hears, linesOf, openWith, say, signIn } from '../simulation/harness.ts';
import { meet, settle, startTalk, talkOn } from './people.ts';

it('[SYNC24] a first message to somebody whose inbox is full waits, and uses up no further KeyPackages', async () => {
  const scene = await meet('alice', 'bob');
  const { world, evil } = scene;
  const [alice, bob] = scene.cast;
  if (alice === undefined || bob === undefined) throw new Error('nobody came');
  evil.intercept('log:commit', () => ({ ok: false, code: 'inbox_full' }));
  const withBob = await openWith(alice, 'bob');
  await say(alice, withBob, 'when there is room');
  let steps = 0;
  await world.until('minutes pass', () => ++steps > 2000);
  const made = evil.requests('log:create').map(({ request }) => encodeHex(request.log));
  expect([evil.answers('claimKeyPackages').length, new Set(made).size]).toEqual([1, 1]);
  evil.repent();
  await hears(world, bob, accountOf(alice), 'when there is room');
});

it('[SYNC24] a further device whose inbox is full is left for later, and keys are renewed all the same', async () => {
  const talk = await startTalk();
  const { world, evil, alice, withBob } = talk;
  const isAdding = (request: { readonly welcomes: readonly unknown[] }) => request.welcomes.length > 0;
  evil.intercept('log:commit', ({ request }) =>
    isAdding(request) ? { ok: false, code: 'inbox_full' } : undefined,
  );
  const phone = world.device('phone');
  await signIn(world, phone, 'bob');
  await alice.restart();
  const tries = () => evil.requests('log:commit').filter(({ request }) => isAdding(request)).length;
  const before = tries();
  await world.until('she tries to add it', () => tries() > before);
  const plain = () => evil.requests('log:commit').filter(({ request }) => !isAdding(request)).length;
  const renewed = plain();
  for (let i = 0; i < 101; i++) await say(alice, withBob, `${i}`);
  await world.until('she renews her keys', () => plain() > renewed);
  expect(tries() - before).toBeLessThan(4);
});

it('[SYNC7] a report that comes together with the message it is about counts', async () => {
  const talk = await startTalk();
  const { world, evil, alice, bob, withBob, withAlice } = talk;
  evil.ack('log:append', (honest, { viewer }) =>
    viewer.account === withAlice ? { ok: false, code: 'unavailable' } : honest,
  );
  evil.ack('log:read', (honest, { viewer }) =>
    viewer.account === withAlice ? { ok: false, code: 'unavailable' } : honest,
  );
  alice.deafen(() => true);
  await say(alice, withBob, 'did you get it?');
  await hears(world, bob, withAlice, 'did you get it?');
  await settle(talk).catch(() => undefined);
  evil.repent();
  alice.deafen(() => false);
  await alice.restart();
  await world.until('delivered', async () => (await linesOf(alice, withBob)).at(-1)?.state === 'delivered');
  await talkOn(talk, 'and');
});
