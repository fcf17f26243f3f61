import { email } from '@sotto/protocol';
import { z } from 'zod';
import type { RelayKeys } from '../auth/relay-keys.ts';
import type { OutgoingMail } from './mailer.ts';

const PURPOSE = 'mail';
const content = z.strictObject({
  to: email.optional(),
  subject: z.string().regex(/^[\x20-\x7e]+$/),
  text: z.string(),
  expiresAt: z.int(),
});

/** Sizes that a sealed mail can have are multiples of this, so that the queue does not show which go to nobody. */
const BLOCK = 2048;

/**
 * A mail as the queue holds it: neither address nor code can be read from the store. Throws for an address or subject that
 * could become a header: a contract of the caller, who has them from schemas and from `texts.ts`.
 */
export function sealMail(keys: RelayKeys, mail: OutgoingMail): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(content.parse(mail)));
  const padded = new Uint8Array(Math.ceil((4 + text.length) / BLOCK) * BLOCK);
  new DataView(padded.buffer).setUint32(0, text.length);
  padded.set(text, 4);
  return keys.seal(PURPOSE, padded);
}

/** Undefined for bytes that this relay did not seal. */
export function openMail(keys: RelayKeys, sealed: Uint8Array): OutgoingMail | undefined {
  const padded = keys.open(PURPOSE, sealed);
  if (padded === undefined) return undefined;
  const length = new DataView(padded.buffer, padded.byteOffset).getUint32(0);
  const parsed = content.safeParse(JSON.parse(new TextDecoder().decode(padded.subarray(4, 4 + length))));
  return parsed.success ? { ...parsed.data, to: parsed.data.to } : undefined;
}
