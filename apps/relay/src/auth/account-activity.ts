import { type AccountId, bytes, type DeviceId, deviceId, equalBytes, LIMITS, time } from '@sotto/protocol';
import { z } from 'zod';
import type { AccountRecordStore } from '../store/account-record-store.ts';
import { changeRecord, encodeRecord, prepareRecord, type RecordForm, readRecord } from './account-record.ts';

/** How a sign-in was proved: what came last. */
const signInMethod = z.enum([
  'password',
  'mail',
  'totp',
  'passkey',
  'recovery_code',
  'recovery_key',
  'reset',
]);
export type SignInMethod = z.infer<typeof signInMethod>;

const activity = z.strictObject({
  /** Names of devices, sealed by the client; newest last. */
  labels: z.array(z.strictObject({ device: deviceId, label: bytes(1, LIMITS.label) })).max(LIMITS.labels),
  /** Newest first. No address. */
  signIns: z.array(z.strictObject({ time, device: deviceId, method: signInMethod })).max(LIMITS.signIns),
});
export type Activity = z.infer<typeof activity>;
export type SignIn = Activity['signIns'][number];

const NONE: Activity = { labels: [], signIns: [] };
const FORM: RecordForm<Activity> = {
  kind: 'activity',
  shape: activity,
  empty: encodeRecord(activity, NONE),
};

export async function readActivity(records: AccountRecordStore, account: AccountId): Promise<Activity> {
  return (await readRecord(records, account, FORM)).value;
}

/** Keeps the last ones. */
const addSignIn =
  (signIn: SignIn) =>
  ({ labels, signIns }: Activity): Activity => ({
    labels,
    signIns: [signIn, ...signIns].slice(0, LIMITS.signIns),
  });

/** The record with this sign-in, for the step that lets it in. */
export function prepareSignIn(records: AccountRecordStore, account: AccountId, signIn: SignIn) {
  return prepareRecord(records, account, FORM, addSignIn(signIn));
}

export async function recordSignIn(
  records: AccountRecordStore,
  account: AccountId,
  signIn: SignIn,
): Promise<void> {
  await changeRecord(records, account, FORM, addSignIn(signIn));
}

/** Names a device, in the place of the name it had. The oldest names go when there are too many. */
export async function labelDevice(
  records: AccountRecordStore,
  account: AccountId,
  device: DeviceId,
  label: Uint8Array,
): Promise<void> {
  await changeRecord(records, account, FORM, ({ labels, signIns }) => ({
    labels: [...labels.filter((other) => !equalBytes(other.device, device)), { device, label }].slice(
      -LIMITS.labels,
    ),
    signIns,
  }));
}
