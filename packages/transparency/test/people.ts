import { sha256 } from '@noble/hashes/sha2.js';
import { generateKeyPair, type KeyPair, signBytes } from '../src/keys.ts';
import { type NewDevice, proveDevice } from '../src/make.ts';
import { type ChainPlace, labelOf, statementInput } from '../src/signing.ts';
import type { ChainState } from '../src/state.ts';
import { decodeStatement, encodeStatement, type Statement, type StatementBody } from '../src/statement.ts';

// Keys and ids that are the same in every run, made from a name.

export function keyOf(name: string): KeyPair {
  return generateKeyPair(seedOf(`key ${name}`));
}

export function accountOf(name: string): Uint8Array {
  return seedOf(`account ${name}`).slice(0, 16);
}

export function deviceOf(name: string): NewDevice {
  return { id: seedOf(`device ${name}`).slice(0, 16), ...keyOf(`device ${name}`) };
}

function seedOf(name: string): Uint8Array {
  return sha256(new TextEncoder().encode(`sotto test ${name}`));
}

/** What an attacker can do who ignores our makers: any body, under any key, at the next place or at a place of choice. */
export function forge(
  state: ChainState | Uint8Array,
  signer: KeyPair,
  body: StatementBody,
  changed: Partial<Statement> = {},
): Uint8Array {
  const place: ChainPlace =
    state instanceof Uint8Array
      ? { label: labelOf(state), seq: 0, prev: new Uint8Array(32) }
      : { label: labelOf(state.account), seq: state.head.seq + 1, prev: state.head.hash };
  const unsigned = { ...place, body, signer: signer.publicKey, ...changed };
  return encodeStatement({
    ...unsigned,
    signature: changed.signature ?? signBytes(statementInput(unsigned), signer.privateKey),
  });
}

export function claimOf(state: ChainState, identity: KeyPair, device: NewDevice) {
  return proveDevice(state, identity.publicKey, device);
}

export function statementOf(bytes: Uint8Array): Statement {
  const result = decodeStatement(bytes);
  if (!result.ok) throw new Error(result.reason);
  return result.statement;
}

export function flipBit(bytes: Uint8Array, bit: number): Uint8Array {
  const flipped = new Uint8Array(bytes);
  flipped[bit >> 3]! ^= 1 << (bit & 7);
  return flipped;
}

export function patch(bytes: Uint8Array, at: number, ...values: number[]): Uint8Array {
  const patched = new Uint8Array(bytes);
  patched.set(values, at);
  return patched;
}

export function splice(bytes: Uint8Array, at: number, remove: number, ...insert: number[]): Uint8Array {
  return Uint8Array.from([...bytes.slice(0, at), ...insert, ...bytes.slice(at + remove)]);
}
