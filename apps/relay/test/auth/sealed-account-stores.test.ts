import { randomBytes } from 'node:crypto';
import type { AccountId, Email } from '@sotto/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { changeProofs, readProofs } from '../../src/auth/account-proofs.ts';
import { createRelayKeys } from '../../src/auth/relay-keys.ts';
import { sealAccountStores } from '../../src/auth/sealed-account-stores.ts';
import type { AccountStores } from '../../src/store/account-stores.ts';
import { createMemoryAccountStores } from '../../src/store/memory/account-stores.ts';
import { createPerson, type Person } from '../http/person.ts';
import { createTestRelay, type TestRelay } from '../http/test-relay.ts';

const random = (length: number) => new Uint8Array(randomBytes(length));
const sealed = (below: AccountStores) => sealAccountStores(below, createRelayKeys(random(32), random));

describe('what lies in the database', () => {
  let below: AccountStores;
  let relay: TestRelay;
  let alice: Person;
  let bob: Person;
  beforeEach(async () => {
    below = createMemoryAccountStores();
    relay = await createTestRelay({ accountStores: below });
    [alice, bob] = ['alice', 'bob'].map((name) => createPerson(relay, name)) as [Person, Person];
    for (const person of [alice, bob]) await person.register(`correct horse of ${person.username}`);
    await giveAddress(alice.account, 'alice@example.org');
  });
  const giveAddress = (account: AccountId, address: string) =>
    changeProofs(relay.accountStores.records, account, (proofs) => ({ ...proofs, email: address as Email }));

  it('[AUTH50] holds no address, and opens under the key of this relay alone', async () => {
    const lies = await below.records.read(alice.account, 'proofs');
    expect(Buffer.from(lies?.bytes ?? []).includes('alice@example.org')).toBe(false);
    const { proofs } = await readProofs(relay.accountStores.records, alice.account);
    expect(proofs.email).toBe('alice@example.org');
    await expect(readProofs(sealed(below).records, alice.account)).rejects.toThrow('does not open');
  });

  it('[AUTH50] gives nobody the record of another account, nor one kind for the other', async () => {
    const hers = await below.records.read(alice.account, 'proofs');
    const his = await below.records.read(bob.account, 'proofs');
    await below.records.write(bob.account, 'proofs', hers?.bytes ?? random(1), his?.version ?? 0);
    await expect(readProofs(relay.accountStores.records, bob.account)).rejects.toThrow('does not open');
    const activity = await below.records.read(alice.account, 'activity');
    await below.records.write(alice.account, 'activity', hers?.bytes ?? random(1), activity?.version ?? 0);
    await expect(relay.accountStores.records.read(alice.account, 'activity')).rejects.toThrow(
      'does not open',
    );
  });

  it('[AUTH50] names no network and no user in its counters, and counts all the same', async () => {
    const keys: string[] = [];
    const { counters } = below;
    const watched = sealed({
      ...below,
      counters: {
        ...counters,
        add(key, ...rest) {
          keys.push(key);
          return counters.add(key, ...rest);
        },
      },
    });
    for (let i = 0; i < 3; i++) await watched.counters.add('pair alice 203.0.113.7', 60, 1000);
    expect((await watched.counters.read('pair alice 203.0.113.7', 2000)).count).toBe(3);
    expect((await watched.counters.read('pair alice 203.0.113.8', 2000)).count).toBe(0);
    expect(new Set(keys).size).toBe(1);
    expect(keys[0]).toMatch(/^[\w-]{22}$/);
  });
});
