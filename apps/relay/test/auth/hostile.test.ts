import { afterEach, describe, expect, it } from 'vitest';
import { changeProofs } from '../../src/auth/account-proofs.ts';
import { openMemoryStores } from '../../src/open-stores.ts';
import {
  beginSignIn,
  expectDone,
  finishReset,
  forget,
  makeResetBody,
  provedReset,
  setRecoveryKey,
  setUpTotp,
} from '../http/account-flows.ts';
import { createPerson } from '../http/person.ts';
import { createTestRelay, type TestRelay, type TestRelayOptions } from '../http/test-relay.ts';

const PASSWORD = 'correct horse battery staple';
const NEW_PASSWORD = 'a new and long password';
const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));

describe('a hostile client', () => {
  let house: TestRelay;
  afterEach(() => house.close());

  async function start(options: TestRelayOptions = {}) {
    house = await createTestRelay(options);
    const alice = createPerson(house, 'alice');
    expectDone(await alice.register(PASSWORD));
    return alice;
  }

  it('[AUTH41] who is disabled while a reset takes effect is out all the same', async () => {
    const { accountStores: stores } = openMemoryStores();
    const proof = random(32);
    const alice = await start({
      accountStores: {
        ...stores,
        credentials: {
          ...stores.credentials,
          async change(change) {
            const changed = await stores.credentials.change(change);
            if (change.session !== undefined)
              await changeProofs(house.accountStores.records, change.account, (proofs) => ({
                ...proofs,
                disabled: true,
              }));
            return changed;
          },
        },
      },
    });
    expectDone(await setRecoveryKey(alice, PASSWORD, proof));
    const ticket = await provedReset(alice, await forget(alice), { method: 'recovery_key', proof });
    const body = await makeResetBody(alice, ticket, NEW_PASSWORD, 1);
    expect(await finishReset(alice, body)).toMatchObject({ code: 'account_disabled' });
    expect(await stores.sessions.list(alice.account, house.now())).toEqual([]);
  });
});
