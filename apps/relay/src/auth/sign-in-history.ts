import { type AccountId, type DeviceId, LIMITS } from '@sotto/protocol';
import type { AccountRecordStore } from '../store/account-record-store.ts';
import { StoreError } from '../store/store-error.ts';
import { SIGN_IN_METHODS, type SignIn } from './account-activity.ts';
import { ROUNDS } from './account-record.ts';

// The last sign-ins of an account, newest first. Each sign-in adds one, so the record is made to be added to without being read:
// rows of one length. `u48 time (ms); device[16]; u8 method`.

const ROW = 6 + 16 + 1;

/** `earlier`: those in the account's activity, of an earlier relay, or of one that still runs beside this one. No address. */
export async function readSignIns(
  records: AccountRecordStore,
  account: AccountId,
  earlier: readonly SignIn[],
): Promise<SignIn[]> {
  const rows = (await records.read(account, 'sign_ins'))?.bytes ?? new Uint8Array(0);
  return [...decodeRows(rows), ...earlier].sort((a, b) => b.time - a.time).slice(0, LIMITS.signIns);
}

/** The record with one more, for the step that lets it in. */
export async function prepareSignIn(
  records: AccountRecordStore,
  account: AccountId,
  signIn: SignIn,
): Promise<{ readonly bytes: Uint8Array; readonly after: number }> {
  const before = await records.read(account, 'sign_ins');
  const rows = Buffer.concat([encodeRow(signIn), before?.bytes ?? new Uint8Array(0)]);
  return { bytes: rows.subarray(0, ROW * LIMITS.signIns), after: before?.version ?? 0 };
}

/** Adds one that is in already. */
export async function recordSignIn(
  records: AccountRecordStore,
  account: AccountId,
  signIn: SignIn,
): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    const { bytes, after } = await prepareSignIn(records, account, signIn);
    if ((await records.write(account, 'sign_ins', bytes, after)) === 'written') return;
  }
  // The account is over, or others write without end: neither is this caller's fault.
  throw new StoreError('unavailable');
}

function encodeRow({ time, device, method }: SignIn): Uint8Array {
  const row = Buffer.alloc(ROW);
  row.writeUIntBE(time, 0, 6);
  row.set(device, 6);
  row.writeUInt8(SIGN_IN_METHODS.indexOf(method), ROW - 1);
  return row;
}

/** Throws for what is not of this form: the relay wrote it. */
function decodeRows(bytes: Uint8Array): SignIn[] {
  if (bytes.length % ROW !== 0) throw new Error('sign-ins of an account are damaged');
  const rows = Buffer.from(bytes);
  return Array.from({ length: rows.length / ROW }, (_, i): SignIn => {
    const method = SIGN_IN_METHODS[rows.readUInt8((i + 1) * ROW - 1)];
    if (method === undefined) throw new Error('sign-ins of an account are damaged');
    const device = new Uint8Array(rows.subarray(i * ROW + 6, i * ROW + 22)) as DeviceId;
    return { time: rows.readUIntBE(i * ROW, 6), device, method };
  });
}
