import type { DeviceView } from '@sotto/core/page';
import { agoText } from '../../chat/ago.ts';

/** The owner's name for it, or the first digits of its id, as they stand in notices and threads. */
export function deviceName({ name, device }: Pick<DeviceView, 'name' | 'device'>): string {
  return name ?? `Device ${device.slice(0, 8)}`;
}

/** Whether a device is signed in, and since when it was last heard of. */
export function sessionText({ session, current }: DeviceView, now: number): string {
  if (session === undefined) return 'Signed out';
  const shared = session.shared ? 'Signed in as a shared computer' : 'Signed in';
  return current ? shared : `${shared}, last active ${agoText(session.renewedAt, now)}`;
}

const METHOD_TEXTS: ReadonlyMap<string, string> = new Map([
  ['password', 'password alone'],
  ['mail', 'password and code by mail'],
  ['totp', 'password and authenticator app'],
  ['passkey', 'password and passkey'],
  ['recovery_code', 'password and recovery code'],
  ['recovery_key', 'recovery key'],
  ['reset', 'password reset'],
]);

/** `method` is the relay's word; one that this page does not know is shown as it came. */
export function methodText(method: string): string {
  return METHOD_TEXTS.get(method) ?? method;
}
