import type { Random } from '../chat/clock.ts';
import { deriveKey, NONCE, openBox, sealBox } from './vault-box.ts';

/** Bytes of text. With nonce and tag well below `LIMITS.label`. */
const LONGEST = 128;
const STEP = 32;

/**
 * A name that its owner gave to a device or passkey, for the account's own devices alone: sealed under a key of the vault.
 * `subject` is the id of what it names, so that the relay cannot exchange names. Padded with zeros to whole 32 bytes; what is
 * longer than 128 bytes is cut at a character.
 */
export async function sealLabel(
  of: { readonly vaultKey: Uint8Array; readonly account: Uint8Array; readonly subject: Uint8Array },
  name: string,
  random: Random,
): Promise<Uint8Array> {
  const text = cut(name.replaceAll('\u0000', '').trim().toWellFormed());
  const padded = new Uint8Array(Math.max(STEP, Math.ceil(text.length / STEP) * STEP));
  padded.set(text);
  const { nonce, sealed } = await sealBox(keyOf(of.vaultKey), padded, aboutOf(of), random);
  return Uint8Array.of(...nonce, ...sealed);
}

/** Undefined for bytes that are no name of this subject. */
export async function openLabel(
  of: { readonly vaultKey: Uint8Array; readonly account: Uint8Array; readonly subject: Uint8Array },
  label: Uint8Array,
): Promise<string | undefined> {
  const box = { nonce: label.slice(0, NONCE), sealed: label.slice(NONCE) };
  if (box.nonce.length < NONCE) return undefined;
  const padded = await openBox(keyOf(of.vaultKey), box, aboutOf(of));
  if (padded === undefined) return undefined;
  return new TextDecoder().decode(padded).replace(/\0+$/, '');
}

function keyOf(vaultKey: Uint8Array): Uint8Array<ArrayBuffer> {
  return deriveKey(vaultKey, 'sotto label v1');
}

function aboutOf(of: { readonly account: Uint8Array; readonly subject: Uint8Array }): readonly unknown[] {
  return ['sotto label v1', of.account, of.subject];
}

/** Whole characters alone, as far as they fit. */
function cut(name: string): Uint8Array {
  const bytes = new Uint8Array(LONGEST);
  return bytes.subarray(0, new TextEncoder().encodeInto(name, bytes).written);
}
