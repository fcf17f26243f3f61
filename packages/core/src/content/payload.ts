import { decodeCbor, encodeCbor, LIMITS } from '@sotto/protocol';
import { isBytes, isUint } from './wire-values.ts';

/** Version of the payload's shape. */
const VERSION = 1;

/** What a sender had seen of the log when it sealed this message (design: one history). */
export interface TranscriptClaim {
  /** The last entry that `hash` covers; the epoch's commit when it covers no more. */
  readonly seq: number;
  /** 32 bytes. */
  readonly hash: Uint8Array;
  /** The final hash of the epoch before, 32 bytes; undefined for those who were not in it. */
  readonly before: Uint8Array | undefined;
}

/** What one application message seals. `content` is a MIMI message, undecoded: its bytes give its id. */
export interface Payload {
  readonly transcript: TranscriptClaim;
  readonly content: Uint8Array;
}

/** Deterministic CBOR `{v, transcript: {seq, hash, before?}, content}`. */
export function encodePayload({ transcript, content }: Payload): Uint8Array {
  return encodeCbor({ v: VERSION, transcript, content });
}

export type PayloadRefusal = 'malformed' | 'version_unknown';

/** Another member's bytes: authentic, possibly hostile, possibly of a later version. */
export function decodePayload(
  bytes: Uint8Array,
):
  | { readonly ok: true; readonly payload: Payload }
  | { readonly ok: false; readonly reason: PayloadRefusal } {
  const decoded = decodeCbor(bytes, LIMITS.messageBody);
  if (!isRecord(decoded)) return { ok: false, reason: 'malformed' };
  if (decoded.v !== VERSION)
    return { ok: false, reason: isUint(decoded.v, 2 ** 32) ? 'version_unknown' : 'malformed' };
  const transcript = readClaim(decoded.transcript);
  const content = decoded.content;
  if (!hasOnly(decoded, ['v', 'transcript', 'content']) || transcript === undefined)
    return { ok: false, reason: 'malformed' };
  if (!isBytes(content, 1, LIMITS.messageBody)) return { ok: false, reason: 'malformed' };
  return { ok: true, payload: { transcript, content } };
}

function readClaim(value: unknown): TranscriptClaim | undefined {
  if (!isRecord(value) || !hasOnly(value, ['seq', 'hash', 'before'])) return undefined;
  const { seq, hash, before } = value as { readonly [name in keyof TranscriptClaim]?: unknown };
  if (!isUint(seq, Number.MAX_SAFE_INTEGER) || !isBytes(hash, 32, 32)) return undefined;
  if (before !== undefined && !isBytes(before, 32, 32)) return undefined;
  return { seq, hash, before };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
  );
}

function hasOnly(value: object, names: readonly string[]): boolean {
  return Object.keys(value).every((name) => names.includes(name));
}
