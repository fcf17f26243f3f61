import { applyStatement } from './apply.ts';
import { exactBytes } from './bytes.ts';
import { type KeyPair, signBytes } from './keys.ts';
import { CHAIN_LIMITS } from './limits.ts';
import { ChainError } from './reasons.ts';
import { type ChainPlace, deviceProofInput, identityProofInput, labelOf, statementInput } from './signing.ts';
import type { ChainState } from './state.ts';
import { type DeviceClaim, encodeStatement, type StatementBody } from './statement.ts';

/** A device whose key is at hand: `id` 16 bytes, then its Ed25519 pair. */
export interface NewDevice extends KeyPair {
  readonly id: Uint8Array;
}

/** A statement ready to send, and the state once it is accepted. */
export interface Made {
  readonly statement: Uint8Array;
  readonly state: ChainState;
}

// Every function below verifies what it made as a stranger would, and throws `ChainError` with the reason when it would be
// refused: a wrong key, a device used before. Nothing unsound leaves this device.

/** seq 0: the account's identity key and its first device. */
export function createChain(options: {
  readonly account: Uint8Array;
  readonly identity: KeyPair;
  readonly device: NewDevice;
}): Made {
  const { account, identity, device } = options;
  const claim = proveAt(firstPlace(account), identity.publicKey, device);
  return make(account, undefined, identity, { op: 'create', identity: identity.publicKey, device: claim });
}

/** `device` is either at hand, or has proved itself elsewhere with `proveDevice` upon this very state. */
export function addDevice(
  state: ChainState,
  options: { readonly identity: KeyPair; readonly device: NewDevice | DeviceClaim },
): Made {
  const device =
    'proof' in options.device ? options.device : proveDevice(state, state.identityKey, options.device);
  return make(state.account, state, options.identity, { op: 'add_device', device });
}

/** `signer`: the identity key, or the device's own. `device`: its id. */
export function revokeDevice(
  state: ChainState,
  options: { readonly signer: KeyPair; readonly device: Uint8Array },
): Made {
  return make(state.account, state, options.signer, { op: 'revoke_device', device: options.device });
}

export function rotateIdentity(
  state: ChainState,
  options: { readonly identity: KeyPair; readonly newIdentity: KeyPair },
): Made {
  const { identity, newIdentity } = options;
  const input = identityProofInput(nextPlace(state), newIdentity.publicKey);
  const proof = signBytes(input, newIdentity.privateKey);
  return make(state.account, state, identity, {
    op: 'rotate_identity',
    identity: newIdentity.publicKey,
    proof,
  });
}

/** A new identity key when the old one is lost. Ends every earlier device; each contact is told. */
export function resetAccount(
  state: ChainState,
  options: { readonly identity: KeyPair; readonly device: NewDevice },
): Made {
  const { identity, device } = options;
  const claim = proveDevice(state, identity.publicKey, device);
  return make(state.account, state, identity, {
    op: 'recovery_reset',
    identity: identity.publicKey,
    device: claim,
  });
}

/** The end: revokes every device, and nothing is valid after it, a reset neither. The account id and its keys are spent. */
export function closeAccount(state: ChainState, options: { readonly identity: KeyPair }): Made {
  return make(state.account, state, options.identity, { op: 'close_account' });
}

/**
 * What a device that is not here sends to be added: proof that it holds its key, good for the next statement upon `state`
 * alone and under `identity` (32 bytes) alone.
 */
export function proveDevice(state: ChainState, identity: Uint8Array, device: NewDevice): DeviceClaim {
  return proveAt(nextPlace(state), identity, device);
}

function proveAt(place: ChainPlace, identity: Uint8Array, device: NewDevice): DeviceClaim {
  const claim = { id: device.id, key: device.publicKey };
  return { ...claim, proof: signBytes(deviceProofInput(place, identity, claim), device.privateKey) };
}

function make(
  account: Uint8Array,
  before: ChainState | undefined,
  signer: KeyPair,
  body: StatementBody,
): Made {
  const place = before === undefined ? firstPlace(account) : nextPlace(before);
  if (place.seq >= CHAIN_LIMITS.statements) throw new ChainError('too_long', 'chain is full');
  const unsigned = { ...place, body, signer: signer.publicKey };
  const signature = signBytes(statementInput(unsigned), exactBytes(signer.privateKey, 32));
  const statement = encodeStatement({ ...unsigned, signature });
  const applied = applyStatement(account, before, statement);
  if (!applied.ok) throw new ChainError(applied.reason, 'statement would be refused');
  return { statement, state: applied.state };
}

function firstPlace(account: Uint8Array): ChainPlace {
  return { label: labelOf(account), seq: 0, prev: new Uint8Array(32) };
}

function nextPlace(state: ChainState): ChainPlace {
  return { label: labelOf(state.account), seq: state.head.seq + 1, prev: state.head.hash };
}
