import type { DeviceId } from '@sotto/protocol';
import { beforeEach, expect, it } from 'vitest';
import { readActivity, type SignIn, type SignInMethod } from '../../src/auth/account-activity.ts';
import { prepareSignIn, readSignIns, recordSignIn } from '../../src/auth/sign-in-history.ts';
import type { AccountStores } from '../../src/store/account-stores.ts';
import { createMemoryAccountStores } from '../../src/store/memory/account-stores.ts';
import { ALICE } from '../store/accounts/values.ts';

const { account } = ALICE;
const LAPTOP = Uint8Array.from({ length: 16 }, (_, i) => i) as DeviceId;
const AT = Date.UTC(2026, 0, 1);
const signInAt = (second: number, method: SignInMethod = 'password'): SignIn => ({
  time: AT + second * 1000,
  device: LAPTOP,
  method,
});

let stores: AccountStores;
beforeEach(async () => {
  stores = createMemoryAccountStores();
  await stores.accounts.create(ALICE, 0);
});

it('[HTTP24] comes back as it was noted, whatever the method, newest first', async () => {
  const { records } = stores;
  const methods = ['password', 'mail', 'totp', 'passkey', 'recovery_code', 'recovery_key', 'reset'] as const;
  const all = methods.map((method, i) => signInAt(i, method));
  for (const signIn of all) await recordSignIn(records, account, signIn);
  expect(await readSignIns(records, account, [])).toEqual(all.toReversed());
});

it('[HTTP24] keeps twenty, in no more room', async () => {
  const { records } = stores;
  for (let i = 0; i < 25; i++) await recordSignIn(records, account, signInAt(i));
  const listed = await readSignIns(records, account, []);
  expect(listed.map(({ time }) => (time - AT) / 1000)).toEqual(Array.from({ length: 20 }, (_, i) => 24 - i));
  expect((await records.read(account, 'sign_ins'))?.bytes).toHaveLength(20 * 23);
});

it('[HTTP24] of many that are noted at the same moment none is lost', async () => {
  const { records } = stores;
  await Promise.all(Array.from({ length: 12 }, (_, i) => recordSignIn(records, account, signInAt(i))));
  expect(await readSignIns(records, account, [])).toHaveLength(12);
});

it('[STORE30] lists what an earlier relay noted among those of today, and both are twenty together', async () => {
  const { records } = stores;
  const { signIns: none } = await readActivity(records, account);
  expect(none).toEqual([]);
  for (let i = 0; i < 12; i++) await recordSignIn(records, account, signInAt(2 * i + 1));
  const earlier = Array.from({ length: 12 }, (_, i) => signInAt(2 * i, 'totp'));
  const listed = await readSignIns(records, account, earlier);
  expect(listed.map(({ time }) => (time - AT) / 1000)).toEqual(Array.from({ length: 20 }, (_, i) => 23 - i));
});

it('[HTTP24] a damaged record is said to be damaged', async () => {
  const { records } = stores;
  const { bytes } = await prepareSignIn(records, account, signInAt(0));
  await records.write(account, 'sign_ins', bytes.subarray(1), 0);
  await expect(readSignIns(records, account, [])).rejects.toThrow('damaged');
  await records.write(account, 'sign_ins', Uint8Array.from([...bytes.subarray(0, 22), 99]), 1);
  await expect(readSignIns(records, account, [])).rejects.toThrow('damaged');
});
