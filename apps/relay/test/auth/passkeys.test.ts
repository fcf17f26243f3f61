import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { beginSignIn, confirmed, expectDone, setUpTotp } from '../http/account-flows.ts';
import { createPerson, type Person } from '../http/person.ts';
import { createTestRelay, type TestRelay } from '../http/test-relay.ts';
import { type Authenticator, type Bent, createAuthenticator } from './authenticator.ts';

const PASSWORD = 'correct horse battery staple';
const ORIGIN = 'https://chat.example';
const label = new Uint8Array([1, 2, 3]);

describe.each(['memory', 'sqlite'] as const)('passkeys, accounts in %s', (store) => {
  let house: TestRelay;
  let alice: Person;
  beforeEach(async () => {
    house = await createTestRelay({ store, origin: ORIGIN, quotas: { freeAttempts: 1000 } });
    alice = createPerson(house, 'alice');
    expectDone(await alice.register(PASSWORD));
  });
  afterEach(() => house.close());

  const startPasskey = async (person = alice) => {
    const confirmation = await confirmed(person, PASSWORD);
    return expectDone((await person.call('startPasskey', { body: { confirmation } })).value);
  };
  const addPasskey = async (passkey: Authenticator, bent: Bent = {}) => {
    const { ticket, options } = await startPasskey();
    const body = { ticket, response: passkey.create(options, bent), label };
    return (await alice.call('finishPasskey', { body })).value;
  };
  const signInWith = async (passkey: Authenticator, bent: Bent = {}) => {
    const { ticket, passkey: options = '' } = await beginSignIn(alice, PASSWORD);
    return alice.verify(ticket, { method: 'passkey', response: passkey.get(options, bent) });
  };

  it('[AUTH27] alice adds a passkey, signs in with it, and takes it away', async () => {
    const passkey = createAuthenticator(ORIGIN);
    const added = expectDone(await addPasskey(passkey));
    expect(added.id).toEqual(passkey.id);
    expect(added.recoveryCodes).toHaveLength(10);
    expect((await alice.call('account')).value).toMatchObject({
      factors: ['passkey'],
      passkeys: [{ id: passkey.id, label, addedAt: house.now() }],
    });
    expect(await signInWith(passkey)).toMatchObject({ state: 'signed_in' });

    const confirmation = await confirmed(alice, PASSWORD);
    const body = { confirmation, id: passkey.id };
    expectDone((await alice.call('removePasskey', { body })).value);
    expect(await alice.logIn(PASSWORD)).toMatchObject({ state: 'signed_in' });
  });

  it('[AUTH27] the browser is asked for one of the account, of this host, with the person verified, and its PRF', async () => {
    const [first, second] = [createAuthenticator(ORIGIN), createAuthenticator(ORIGIN)];
    expectDone(await addPasskey(first));
    const created = JSON.parse((await startPasskey()).options);
    expect(created.rp.id).toBe('chat.example');
    expect(created.excludeCredentials).toEqual([
      { id: Buffer.from(first.id).toString('base64url'), transports: ['internal'], type: 'public-key' },
    ]);
    expectDone(await addPasskey(second));
    const asked = JSON.parse((await beginSignIn(alice, PASSWORD)).passkey ?? '');
    const input = createHash('sha256').update('sotto vault prf v1').digest('base64url');
    expect(asked).toMatchObject({
      rpId: 'chat.example',
      userVerification: 'required',
      extensions: { prf: { eval: { first: input } } },
    });
    expect(asked.allowCredentials.map(({ id }: { id: string }) => id)).toEqual(
      [first.id, second.id].map((id) => Buffer.from(id).toString('base64url')),
    );
  });

  it.each<[string, Bent]>([
    ['of another page', { origin: 'https://chat.example.evil.example' }],
    ['of another host', { rpId: 'evil.example' }],
    ['to another question', { challenge: 'AAAA' }],
    ['that is a registration', { type: 'webauthn.create' }],
    ['without the person verified', { unverified: true }],
    ['of a copied authenticator', { signCount: 1 }],
  ])('[AUTH27] an answer %s proves nothing', async (_, bent) => {
    const passkey = createAuthenticator(ORIGIN);
    expectDone(await addPasskey(passkey));
    expect(await signInWith(passkey)).toMatchObject({ state: 'signed_in' });
    expect(await signInWith(passkey, bent)).toMatchObject({ code: 'code_wrong' });
    expect(await signInWith(passkey)).toMatchObject({ state: 'signed_in' });
  });

  it('[AUTH27] an answer to one sign-in does not serve another, nor twice; a stranger has none', async () => {
    const passkey = createAuthenticator(ORIGIN);
    expectDone(await addPasskey(passkey));
    const [first, second] = [await beginSignIn(alice, PASSWORD), await beginSignIn(alice, PASSWORD)];
    const response = passkey.get(first.passkey ?? '');
    const show = (ticket: Uint8Array, shown: string) =>
      alice.verify(ticket, { method: 'passkey', response: shown });
    expect(await show(second.ticket, response)).toMatchObject({ code: 'code_wrong' });
    expect(await show(first.ticket, response)).toMatchObject({ state: 'signed_in' });
    expect(await show(first.ticket, response)).toMatchObject({ code: 'ticket_invalid' });
    const stranger = createAuthenticator(ORIGIN, passkey.id);
    expect(await show(second.ticket, stranger.get(second.passkey ?? ''))).toMatchObject({
      code: 'code_wrong',
    });
  });

  it('[AUTH27] of a passkey and its copy that count alike, at the same moment, one gets in', async () => {
    const passkey = createAuthenticator(ORIGIN);
    expectDone(await addPasskey(passkey));
    const begun = [];
    for (let i = 0; i < 4; i++) begun.push(await beginSignIn(alice, PASSWORD));
    const answers = await Promise.all(
      begun.map(({ ticket, passkey: options = '' }) => {
        const response = passkey.get(options, { signCount: 9 });
        return alice.verify(ticket, { method: 'passkey', response });
      }),
    );
    expect(answers.filter((answer) => 'session' in answer)).toHaveLength(1);
  });

  it('[AUTH27] what an authenticator shows at its registration is checked as well', async () => {
    const passkey = createAuthenticator(ORIGIN);
    for (const bent of [{ origin: 'https://evil.example' }, { challenge: 'AAAA' }, { unverified: true }]) {
      expect(await addPasskey(passkey, bent)).toMatchObject({ code: 'bad_request' });
    }
    const { ticket, options } = await startPasskey();
    const response = passkey.create(options);
    const bob = createPerson(house, 'bob');
    expectDone(await bob.register(PASSWORD));
    expect((await bob.call('finishPasskey', { body: { ticket, response } })).value).toMatchObject({
      code: 'ticket_invalid',
    });
    expectDone((await alice.call('finishPasskey', { body: { ticket, response } })).value);
    expect((await alice.call('finishPasskey', { body: { ticket, response } })).value).toMatchObject({
      code: 'ticket_invalid',
    });
    expect(await addPasskey(passkey)).toMatchObject({ code: 'quota_exceeded' });
  });

  it('[AUTH27] JSON that is no answer at all is a wrong one', async () => {
    expectDone(await addPasskey(createAuthenticator(ORIGIN)));
    const { ticket } = await beginSignIn(alice, PASSWORD);
    for (const response of ['{}', '[]', 'no json', '{"__proto__":{"id":"a"}}', '{"id":{"$gt":""}}']) {
      expect(await alice.verify(ticket, { method: 'passkey', response })).toMatchObject({
        code: 'code_wrong',
      });
    }
  });

  it('[AUTH24] recovery codes come with the first factor that can be lost, and stay with the second', async () => {
    const { recoveryCodes } = await setUpTotp(alice, PASSWORD, house.now);
    const added = expectDone(await addPasskey(createAuthenticator(ORIGIN)));
    expect(added.recoveryCodes).toBeUndefined();
    const { ticket, methods } = await beginSignIn(alice, PASSWORD);
    expect(methods).toEqual(['totp', 'passkey', 'recovery_code']);
    const proof = { method: 'recovery_code', code: recoveryCodes[0] ?? '' } as const;
    expect(await alice.verify(ticket, proof)).toMatchObject({ state: 'signed_in' });
  });
});
