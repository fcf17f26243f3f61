import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { beginSignIn, expectDone, forget, setUpTotp } from '../http/account-flows.ts';
import { createPerson, type Person } from '../http/person.ts';
import { createTestRelay, type TestRelay } from '../http/test-relay.ts';

const PASSWORD = 'correct horse battery staple';
let house: TestRelay;
let alice: Person;
beforeEach(async () => {
  house = await createTestRelay();
  alice = createPerson(house, 'alice');
  expectDone(await alice.register(PASSWORD));
});
afterEach(() => house.close());

describe('what the right password alone gives', () => {
  it('[AUTH29] is no success yet: who has it and no second factor waits like any other guesser', async () => {
    const app = await setUpTotp(alice, PASSWORD, house.now);
    const mallory = createPerson(house, 'alice', { address: '198.51.100.9' });
    for (let i = 0; i < 5; i++) await beginSignIn(mallory, PASSWORD);
    expect(await mallory.logIn(PASSWORD)).toMatchObject({ code: 'rate_limited', retryAfter: 1 });
    const { ticket } = await beginSignIn(alice, PASSWORD);
    expect(await alice.verify(ticket, { method: 'totp', code: app.code(30) })).toHaveProperty('session');
    house.advance(1);
    // One wrong code is one failure more.
    const begun = await beginSignIn(mallory, PASSWORD);
    await mallory.verify(begun.ticket, { method: 'totp', code: '000000' });
    expect(await mallory.logIn(PASSWORD)).toMatchObject({ code: 'rate_limited', retryAfter: 4 });
  });
});

describe('looking for names', () => {
  const look = (name: string) => alice.call('users', { query: `?name=${name}` });

  it('[HTTP12] names that nobody has are answered so often and no further, and then no name is', async () => {
    await house.close();
    house = await createTestRelay({ quotas: { missesPerHour: 3 } });
    alice = createPerson(house, 'alice');
    expectDone(await alice.register(PASSWORD));
    for (let i = 0; i < 3; i++) expect((await look(`nobody${i}`)).value).toEqual({ users: [] });
    expect((await look('nobody9')).value).toMatchObject({ code: 'rate_limited', retryAfter: 3600 });
    expect((await look('alice')).value).toMatchObject({ code: 'rate_limited' });
    house.advance(3600);
    expectDone(await alice.refresh());
    expect((await look('alice')).value).toMatchObject({ users: [{ username: 'alice' }] });
  });

  it('[HTTP12] names that somebody has cost nothing of it', async () => {
    for (let i = 0; i < 200; i++) expect((await look('alice')).status).toBe(200);
    expect((await look('nobody')).value).toEqual({ users: [] });
  });
});

it('[AUTH3] [AUTH34] tickets of known and unknown names have one size, at login and at reset', async () => {
  const sizes = [];
  for (const name of ['alice', 'nobdy']) {
    const stranger = createPerson(house, name);
    const started = await stranger.opaqueLogin('a guess');
    if ('code' in started) throw new Error(started.code);
    sizes.push([started.ticket.length, started.response.length, (await forget(stranger)).length]);
  }
  expect(sizes[0]).toEqual(sizes[1]);
});
