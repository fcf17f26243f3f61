import { canonicalKey } from './record-key.ts';
import type { RecordKey } from './record-store.ts';

/** First byte of every sealed record, and of its associated data. */
const FORMAT = 1;
const NONCE = 12;
const TAG = 16;
/** Largest plaintext of one record: a group state of some thousand members fits. */
export const RECORD_LIMIT = 16 * 1024 * 1024;

/**
 * Why a record does not open. `not_authentic`: altered, moved from another key, or sealed by another store. Whoever
 * holds the disk chooses these bytes; an older record put back under its own key is not noticed.
 */
type RecordFault = 'too_short' | 'format_unknown' | 'not_authentic' | 'malformed';

/** Thrown when the disk holds what this store never sealed there. Nothing of the record was used. */
export class SealedRecordError extends Error {
  readonly code: RecordFault;
  /** The collection, never the whole key: it may name people. */
  readonly collection: string;
  constructor(code: RecordFault, collection: string, options?: ErrorOptions) {
    super(`record does not open: ${code}`, options);
    this.name = 'SealedRecordError';
    this.code = code;
    this.collection = collection;
  }
}

/** AES-256-GCM key of a store's records: HKDF-SHA-256 of its root key, never exportable. */
export function deriveRecordKey(root: CryptoKey): Promise<CryptoKey> {
  const info = new TextEncoder().encode('sotto-records-v1');
  return crypto.subtle.deriveKey(
    { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(0), info },
    root,
    { name: 'AES-GCM', length: 256 },
    false,
    ['encrypt', 'decrypt'],
  );
}

/**
 * u8 format; nonce[12]; AES-256-GCM(`plain`); associated data = u8 format ‖ canonical key. A random 96-bit nonce is safe
 * for 2^32 records of one key (NIST SP 800-38D §8.3).
 */
export async function sealRecord(
  key: CryptoKey,
  at: RecordKey,
  plain: Uint8Array,
  random: (length: number) => Uint8Array<ArrayBuffer>,
): Promise<Uint8Array> {
  const iv = random(NONCE);
  if (plain.length > RECORD_LIMIT) throw new RangeError('record over its limit');
  const sealed = await crypto.subtle.encrypt(cipher(iv, at), key, owned(plain));
  const record = new Uint8Array(1 + NONCE + sealed.byteLength);
  record[0] = FORMAT;
  record.set(iv, 1);
  record.set(new Uint8Array(sealed), 1 + NONCE);
  return record;
}

/** What was sealed under `at`. Throws SealedRecordError, fail closed. */
export async function openRecord(key: CryptoKey, at: RecordKey, record: Uint8Array): Promise<Uint8Array> {
  if (record.length < 1 + NONCE + TAG) throw new SealedRecordError('too_short', at[0]);
  if (record[0] !== FORMAT) throw new SealedRecordError('format_unknown', at[0]);
  const iv = owned(record.subarray(1, 1 + NONCE));
  try {
    return new Uint8Array(
      await crypto.subtle.decrypt(cipher(iv, at), key, owned(record.subarray(1 + NONCE))),
    );
  } catch (cause) {
    throw new SealedRecordError('not_authentic', at[0], { cause });
  }
}

function cipher(iv: Uint8Array<ArrayBuffer>, at: RecordKey): AesGcmParams {
  const additionalData = new TextEncoder().encode(`\u0001${canonicalKey(at)}`);
  return { name: 'AES-GCM', iv, additionalData };
}

/** WebCrypto takes bytes of an own buffer only, as far as its types go. */
function owned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes);
}
