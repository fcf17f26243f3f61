import { equalBytes } from '@sotto/protocol';
import { decode, encode, rfc8949EncodeOptions } from 'cborg';
import { type Expiration, MIMI_LIMITS, type MimiMessage } from './mimi-message.ts';
import { isExtensions, readPart, writePart } from './mimi-part.ts';
import { isBytes, isUint } from './wire-values.ts';

/** Deterministic CBOR (RFC 8949 §4.2.1). Throws RangeError for what `decodeMimiMessage` would refuse. */
export function encodeMimiMessage(message: MimiMessage): Uint8Array {
  const bytes = encodeArray(message);
  if (decodeMimiMessage(bytes) === undefined) throw new RangeError('not a message of the format');
  return bytes;
}

/**
 * Undefined for anything that is not exactly one message in deterministic CBOR and within MIMI_LIMITS. The bytes are
 * another member's: authentic, and as hostile as that member wants.
 */
export function decodeMimiMessage(bytes: Uint8Array): MimiMessage | undefined {
  if (bytes.length > MIMI_LIMITS.message) return undefined;
  try {
    const message = readMessage(decode(bytes, STRICT));
    // One encoding only: the message id hashes these bytes, so a second spelling would be a second id.
    return message !== undefined && equalBytes(encodeArray(message), bytes) ? message : undefined;
  } catch {
    return undefined;
  }
}

const STRICT = {
  strict: true,
  useMaps: true,
  rejectDuplicateMapKeys: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowInfinity: false,
  allowNaN: false,
  allowBigInt: false,
};

function encodeArray(message: MimiMessage): Uint8Array {
  const { salt, replaces = null, topic, expires, inReplyTo = null, extensions, body } = message;
  const expiration = expires === undefined ? null : [expires.relative, expires.time];
  return encode(
    [salt, replaces, topic, expiration, inReplyTo, extensions, writePart(body)],
    rfc8949EncodeOptions,
  );
}

function readMessage(value: unknown): MimiMessage | undefined {
  if (!Array.isArray(value) || value.length !== 7) return undefined;
  const [salt, replaces, topic, expires, inReplyTo, extensions, nested] = value as unknown[];
  if (!isBytes(salt, 16, 16) || !isBytes(topic, 0, MIMI_LIMITS.topic)) return undefined;
  if (!isMessageId(replaces) || !isMessageId(inReplyTo) || !isExtensions(extensions)) return undefined;
  const expiration = readExpiration(expires);
  const body = readPart(nested);
  if (expiration === 'malformed' || body === undefined) return undefined;
  return {
    salt,
    replaces: replaces ?? undefined,
    topic,
    expires: expiration,
    inReplyTo: inReplyTo ?? undefined,
    extensions,
    body,
  };
}

function isMessageId(value: unknown): value is Uint8Array | null {
  return value === null || isBytes(value, 32, 32);
}

function readExpiration(value: unknown): Expiration | undefined | 'malformed' {
  if (value === null) return undefined;
  if (!Array.isArray(value) || value.length !== 2) return 'malformed';
  const [relative, time] = value as unknown[];
  return typeof relative === 'boolean' && isUint(time, 2 ** 32 - 1) ? { relative, time } : 'malformed';
}
