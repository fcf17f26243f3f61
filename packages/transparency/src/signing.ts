import { sha256 } from '@noble/hashes/sha2.js';
import { encodeU64, exactBytes, joinBytes } from './bytes.ts';
import { encodeUnsigned, type Statement } from './statement.ts';

/** Where in a chain something is signed: what binds a proof to one place in one history of one account. */
export interface ChainPlace {
  readonly label: Uint8Array;
  readonly seq: number;
  readonly prev: Uint8Array;
}

/**
 * What names an account in its statements: SHA-256("sotto-label-v1" ‖ 0 ‖ account). 32 bytes.
 * @param account 16 bytes; another length throws `ChainError`.
 */
export function labelOf(account: Uint8Array): Uint8Array {
  return sha256(joinBytes(domain('sotto-label-v1'), exactBytes(account, 16)));
}

export function hashStatement(bytes: Uint8Array): Uint8Array {
  return sha256(bytes);
}

export function statementInput(statement: Omit<Statement, 'signature'>): Uint8Array {
  return joinBytes(domain('sotto-statement-v1'), encodeUnsigned(statement));
}

/**
 * What a device signs to show that it holds its key. `identity` is in it because `prev` alone does not name the identity
 * key at seq 0 and at a reset: without it, a relay could move Alice's own proof into a chain under a key of the relay.
 */
export function deviceProofInput(
  place: ChainPlace,
  identity: Uint8Array,
  device: { readonly id: Uint8Array; readonly key: Uint8Array },
): Uint8Array {
  const { id, key } = device;
  return joinBytes(domain('sotto-device-proof-v1'), placeBytes(place), identity, exactBytes(id, 16), key);
}

/** What a new identity key signs to show that it is held by somebody, and takes over here. */
export function identityProofInput(place: ChainPlace, identity: Uint8Array): Uint8Array {
  return joinBytes(domain('sotto-identity-proof-v1'), placeBytes(place), identity);
}

function placeBytes({ label, seq, prev }: ChainPlace): Uint8Array {
  return joinBytes(label, encodeU64(seq), prev);
}

/** A domain never starts another one (the zero ends it), nor an MLS SignContent, whose second bytes read "MLS 1.0 ". */
function domain(name: string): Uint8Array {
  return joinBytes(new TextEncoder().encode(name), Uint8Array.of(0));
}
