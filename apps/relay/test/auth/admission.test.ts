import type { DeviceId } from '@sotto/protocol';
import { afterEach, expect, it } from 'vitest';
import { changeProofs, type Proofs } from '../../src/auth/account-proofs.ts';
import { readSignIns } from '../../src/auth/sign-in-history.ts';
import { createMemoryAccountStores } from '../../src/store/memory/account-stores.ts';
import { createPerson, type Person } from '../http/person.ts';
import { createTestRelay, type TestRelay } from '../http/test-relay.ts';

// What happens to an account between the moment in which a sign-in looks at it and the one in which it is let in.

let relay: TestRelay | undefined;
afterEach(async () => relay?.close());

const PASSWORD = 'correct horse battery staple';
const LAPTOP = new Uint8Array(16).fill(7) as DeviceId;

/** Alice, registered, and what is to happen when she is about to be let in the next time. */
async function signUp() {
  const stores = createMemoryAccountStores();
  let meanwhile: (() => Promise<unknown>) | undefined;
  const house = await createTestRelay({
    accountStores: {
      ...stores,
      signIns: {
        async admit(signIn) {
          const happens = meanwhile;
          meanwhile = undefined;
          await happens?.();
          return stores.signIns.admit(signIn);
        },
      },
    },
  });
  relay = house;
  const alice = createPerson(house, 'alice');
  await alice.register(PASSWORD);
  const { accountStores } = house;
  return {
    alice,
    accountStores,
    change: (change: (proofs: Proofs) => Proofs) =>
      changeProofs(accountStores.records, alice.account, change),
    happen(what: () => Promise<unknown>) {
      meanwhile = what;
    },
    countSessions: async () => (await accountStores.sessions.list(alice.account, house.now())).length,
    countSignIns: async () => (await readSignIns(accountStores.records, alice.account, [])).length,
  };
}

const finish = async (alice: Person, ticket: Uint8Array, proof: Uint8Array) =>
  (await alice.call('loginFinish', { body: { ticket, finish: proof, device: LAPTOP } })).value;

it('[AUTH41] an account that is disabled in that moment lets nobody in', async () => {
  const { alice, change, happen, countSessions, countSignIns } = await signUp();
  happen(() => change((proofs) => ({ ...proofs, disabled: true })));
  expect(await alice.logIn(PASSWORD, LAPTOP)).toMatchObject({ code: 'account_disabled' });
  expect([await countSessions(), await countSignIns()]).toEqual([1, 0]);
});

it('[AUTH25] a password that is changed in that moment voids what was proved with the one before', async () => {
  const { alice, accountStores, happen, countSessions } = await signUp();
  const { account } = alice;
  happen(() =>
    accountStores.credentials.change({
      account,
      opaqueRecord: new Uint8Array(192).fill(1),
      vault: new Uint8Array(40),
      after: 0,
      recoveryHash: undefined,
      endSessions: 'none',
      session: undefined,
      statement: undefined,
    }),
  );
  expect(await alice.logIn(PASSWORD, LAPTOP)).toMatchObject({ code: 'ticket_invalid' });
  expect(await countSessions()).toBe(1);
});

it('[STORE41] what voids nothing costs another look, and she is in', async () => {
  const { alice, accountStores, change, happen, countSessions, countSignIns } = await signUp();
  happen(() => change((proofs) => ({ ...proofs, recoveryCodes: [] })));
  expect(await alice.logIn(PASSWORD, LAPTOP)).toMatchObject({ state: 'signed_in' });
  const { opaqueRecord } = (await accountStores.accounts.find(alice.account)) ?? {};
  const vault = new TextEncoder().encode('vault with another wrap');
  happen(() =>
    accountStores.credentials.change({
      account: alice.account,
      opaqueRecord,
      vault,
      after: 0,
      recoveryHash: undefined,
      endSessions: 'none',
      session: undefined,
      statement: undefined,
    }),
  );
  expect(await alice.logIn(PASSWORD, LAPTOP)).toMatchObject({ vault: { bytes: vault, version: 1 } });
  expect([await countSessions(), await countSignIns()]).toEqual([2, 2]);
});

it('[AUTH42] of two devices that sign in at the same moment both are noted', async () => {
  const { alice, happen, countSignIns } = await signUp();
  const phone = new Uint8Array(16).fill(8) as DeviceId;
  happen(() => alice.logIn(PASSWORD, phone));
  expect(await alice.logIn(PASSWORD, LAPTOP)).toMatchObject({ state: 'signed_in' });
  expect(await countSignIns()).toBe(2);
});

it('[AUTH4] of twenty that finish one login at the same moment, all of them right, one gets in', async () => {
  const { alice, countSessions, countSignIns } = await signUp();
  const started = await alice.opaqueLogin(PASSWORD);
  if ('code' in started) throw new Error(started.code);
  const { ticket, finish: proof } = started;
  const answers = await Promise.all(Array.from({ length: 20 }, () => finish(alice, ticket, proof)));
  expect(answers.filter((answer) => 'session' in answer)).toHaveLength(1);
  expect(answers.filter((answer) => 'code' in answer && answer.code === 'ticket_invalid')).toHaveLength(19);
  expect(await finish(alice, ticket, proof)).toMatchObject({ code: 'ticket_invalid' });
  expect([await countSessions(), await countSignIns()]).toEqual([2, 1]);
});

it('[AUTH4] of ten that finish one login wrongly at the same moment one hears that, and nobody gets in after them', async () => {
  const { alice, countSessions } = await signUp();
  const started = await alice.opaqueLogin(PASSWORD);
  if ('code' in started) throw new Error(started.code);
  const wrong = new Uint8Array(64).fill(3);
  const answers = await Promise.all(Array.from({ length: 10 }, () => finish(alice, started.ticket, wrong)));
  const codes = answers.map((answer) => ('code' in answer ? answer.code : 'in'));
  expect(codes.filter((code) => code === 'wrong_credentials')).toHaveLength(1);
  expect(codes.filter((code) => code === 'ticket_invalid')).toHaveLength(9);
  expect(await finish(alice, started.ticket, started.finish)).toMatchObject({ code: 'ticket_invalid' });
  expect(await countSessions()).toBe(1);
});

it('[AUTH4] a login of a disabled account uses its ticket, too', async () => {
  const { alice, change } = await signUp();
  await change((proofs) => ({ ...proofs, disabled: true }));
  const started = await alice.opaqueLogin(PASSWORD);
  if ('code' in started) throw new Error(started.code);
  expect(await finish(alice, started.ticket, started.finish)).toMatchObject({ code: 'account_disabled' });
  expect(await finish(alice, started.ticket, started.finish)).toMatchObject({ code: 'ticket_invalid' });
});
