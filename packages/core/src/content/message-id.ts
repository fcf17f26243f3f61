import { sha256 } from '@noble/hashes/sha2.js';

/** IANA named information hash number of SHA-256, the first byte of every id. */
const SHA_256 = 1;

/**
 * The 32-byte id by which replies, edits and reactions name a message: u8 1 ‖ the first 31 bytes of
 * SHA-256(sender URI ‖ room URI ‖ message ‖ salt) (draft-ietf-mimi-content, "Message ID"). The salt stands twice, against
 * length extension. `message` is the exact bytes that were sent.
 */
export function deriveMessageId(input: {
  readonly senderUri: string;
  readonly roomUri: string;
  readonly message: Uint8Array;
  readonly salt: Uint8Array;
}): Uint8Array {
  const hash = sha256.create();
  hash.update(new TextEncoder().encode(input.senderUri + input.roomUri));
  const digest = hash.update(input.message).update(input.salt).digest();
  const id = new Uint8Array(32);
  id[0] = SHA_256;
  id.set(digest.subarray(0, 31), 1);
  return id;
}
