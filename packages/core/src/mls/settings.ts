import { compareBytes, concatBytes, equalBytes } from './bytes.ts';
import type { ConversationSettings } from './door.ts';
import { CAPS, ID_BYTES } from './limits.ts';

const VERSION = 1;
const KINDS = ['direct', 'group'] as const;

/** `u8 version; u8 kind; u8 count; accounts[count][16]; u16 length; title[length]`. Throws on settings that break the rules. */
export function encodeSettings(settings: ConversationSettings): Uint8Array {
  const title = new TextEncoder().encode(settings.title);
  if (!areValid(settings) || title.length > CAPS.title)
    throw new Error('conversation settings are not valid');
  return concatBytes(
    Uint8Array.of(VERSION, KINDS.indexOf(settings.kind), settings.accounts.length),
    ...settings.accounts,
    Uint8Array.of(title.length >> 8, title.length & 0xff),
    title,
  );
}

/** Undefined when the bytes, which another member chose, are not exactly what `encodeSettings` writes. */
export function decodeSettings(bytes: Uint8Array): ConversationSettings | undefined {
  if (bytes.length < 5 || bytes.length > 5 + 255 * ID_BYTES + CAPS.title || bytes[0] !== VERSION)
    return undefined;
  const kind = KINDS[bytes[1] ?? KINDS.length];
  const count = bytes[2] ?? 0;
  const titleAt = 3 + count * ID_BYTES;
  if (kind === undefined || bytes.length < titleAt + 2) return undefined;
  const accounts = Array.from({ length: count }, (_, index) =>
    bytes.slice(3 + index * ID_BYTES, 3 + (index + 1) * ID_BYTES),
  );
  try {
    const title = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      bytes.subarray(titleAt + 2),
    );
    const settings = { kind, accounts, title };
    return equalBytes(encodeSettings(settings), bytes) ? settings : undefined;
  } catch {
    return undefined;
  }
}

function areValid({ kind, accounts }: ConversationSettings): boolean {
  if (kind === 'group') return accounts.length === 0;
  const [first, second] = accounts;
  if (accounts.length !== 2 || first === undefined || second === undefined) return false;
  return first.length === ID_BYTES && second.length === ID_BYTES && compareBytes(first, second) < 0;
}
