import { type AccountId, bytes, type DeviceId, deviceId, equalBytes, LIMITS, time } from '@sotto/protocol';
import { z } from 'zod';
import type { AccountRecordStore } from '../store/account-record-store.ts';
import { changeRecord, encodeRecord, type RecordForm, readRecord } from './account-record.ts';

/** How a sign-in was proved: what came last. Records hold the place in this list: new ones at the end. */
export const SIGN_IN_METHODS = [
  'password',
  'mail',
  'totp',
  'passkey',
  'recovery_code',
  'recovery_key',
  'reset',
] as const;
const signInMethod = z.enum(SIGN_IN_METHODS);
export type SignInMethod = z.infer<typeof signInMethod>;

const activity = z.strictObject({
  /** Names of devices, sealed by the client; newest last. */
  labels: z.array(z.strictObject({ device: deviceId, label: bytes(1, LIMITS.label) })).max(LIMITS.labels),
  /** Of earlier relays, newest first: see `sign-in-history.ts`. No address. */
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
