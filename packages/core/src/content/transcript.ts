import { sha256 } from '@noble/hashes/sha2.js';
import { equalBytes } from '@sotto/protocol';

/**
 * The running hash over the entries of one epoch that this device has processed. Two members who were shown different
 * entries differ from there on, and say so with the next message (promise: one history). Immutable.
 */
export interface Transcript {
  /** The last entry covered. */
  readonly seq: number;
  /** 32 bytes. */
  readonly hash: Uint8Array;
}

const DOMAIN = new TextEncoder().encode('sotto-transcript-v1');

/**
 * h_0 = SHA-256("sotto-transcript-v1" ‖ epoch_authenticator ‖ u64 commit seq). The authenticator (RFC 9420 §8) ties the
 * hash to the epoch's secrets. `commitSeq` is the entry of the commit that opened the epoch; 0 for epoch 0, which has
 * none.
 */
export function seedTranscript(epochAuthenticator: Uint8Array, commitSeq: number): Transcript {
  const hash = sha256.create().update(DOMAIN).update(epochAuthenticator).update(u64(commitSeq)).digest();
  return { seq: commitSeq, hash };
}

/**
 * h_i = SHA-256(h_{i−1} ‖ u64 seq ‖ SHA-256(body)), for every entry of the epoch in log order, opened or not. `body` is
 * what the relay served. Throws RangeError when `seq` does not follow.
 */
export function advanceTranscript(
  transcript: Transcript,
  entry: { readonly seq: number; readonly body: Uint8Array },
): Transcript {
  if (entry.seq !== transcript.seq + 1) throw new RangeError('the entry does not follow');
  const hash = sha256.create().update(transcript.hash).update(u64(entry.seq)).update(sha256(entry.body));
  return { seq: entry.seq, hash: hash.digest() };
}

/**
 * Whether what a sender claims agrees with what this device computed. `own` is this device's hash as of the claim's
 * `seq`, `ownBefore` its final hash of the epoch before; undefined for who was not in it. Without `own` nothing agrees.
 */
export function agreesWithTranscript(
  claim: { readonly hash: Uint8Array; readonly before: Uint8Array | undefined },
  own: Uint8Array | undefined,
  ownBefore: Uint8Array | undefined,
): boolean {
  if (own === undefined || !equalBytes(claim.hash, own)) return false;
  return claim.before === undefined || ownBefore === undefined || equalBytes(claim.before, ownBefore);
}

function u64(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}
