import { createHash, randomBytes } from 'node:crypto';
import type { Entry } from '@sotto/protocol';

/** One log, with what its members know of it. */
export interface Thread {
  readonly log: Buffer;
  tokenOf(epoch: number): Buffer;
}

export function createThread(): Thread {
  const log = randomBytes(32);
  return { log, tokenOf: (epoch) => sha256(Buffer.concat([log, Buffer.from(String(epoch))])) };
}

export function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

/** Everything that one entry says, its place and time included, in few bytes: millions of them are held and compared. */
export function fingerprint({
  seq,
  time,
  id,
  epoch,
  kind,
  body,
}: Omit<Entry, 'id'> & { id: Uint8Array }): string {
  const hash = createHash('sha256').update(`${seq} ${time} ${epoch} ${kind} `).update(id).update(body);
  return hash.digest('latin1').slice(0, 16);
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** The day that expiry days count. */
export function today(): number {
  return Math.floor(Date.now() / (24 * 3600 * 1000));
}
